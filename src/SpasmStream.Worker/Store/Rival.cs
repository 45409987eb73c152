using Microsoft.Data.Sqlite;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>One of the values sent for one key.</summary>
sealed class Rival
{
    /// <summary>What the flags of a row say besides while it stands for nothing.</summary>
    public const int DeletedFlag = (int)SampleFlags.Deleted;

    readonly int _flags;
    readonly object _quality;
    readonly object _offset;

    public Rival(in Sample sample, long fact, long? gone)
    {
        (Fact, Gone) = (fact, gone);
        (Value, Received, Revision) = (sample.Value, Ms.Of(sample.Received), sample.Revision);
        _flags = (int)sample.Flags;
        _quality = sample.Quality ?? (object)DBNull.Value;
        _offset = sample.OffsetMinutes ?? (object)DBNull.Value;
    }

    public Rival(SqliteDataReader row)
    {
        (Value, Received, Revision) = (row.GetDouble(0), row.GetInt64(1), row.GetInt32(2));
        _flags = row.GetInt32(3);
        (_quality, _offset) = (row.GetValue(4), row.GetValue(5));
        (Fact, Gone) = (row.GetInt64(6), row.IsDBNull(7) ? null : row.GetInt64(7));
    }

    public double Value { get; }

    public long Received { get; }

    public int Revision { get; }

    /// <summary>0 to 1; NaN when unknown.</summary>
    public double Quality => _quality is DBNull ? double.NaN : Convert.ToDouble(_quality);

    /// <summary>The wearer's UTC offset; <see cref="ForwardSample.NoOffset"/> when unknown.</summary>
    public short OffsetMinutes =>
        _offset is DBNull ? ForwardSample.NoOffset : Convert.ToInt16(_offset);

    /// <summary>The version of what it came with; 0 for none.</summary>
    public long Fact { get; }

    /// <summary>Since which receipt it stands for nothing; null while it stands.</summary>
    public long? Gone { get; set; }

    /// <summary>Whether the two are one value told twice.</summary>
    public bool IsSame(Rival other) =>
        Value.Equals(other.Value) && Revision == other.Revision && Fact == other.Fact;

    /// <summary>
    /// Which of the two stands: of what was not taken back the higher revision, the later, the greater.
    /// </summary>
    public bool Outranks(Rival other) => (Gone is null, Revision, Received, Value, Fact).CompareTo(
        (other.Gone is null, other.Revision, other.Received, other.Value, other.Fact)) > 0;

    /// <summary>
    /// By receipt; within one millisecond by what else they say, so that any order gives one row.
    /// </summary>
    public bool IsBefore(Rival other) =>
        (Received, Kept(_flags), AsNumber(_quality), AsNumber(_offset)).CompareTo(
            (other.Received, Kept(other._flags), AsNumber(other._quality), AsNumber(other._offset))) < 0;

    public void Bind(SqliteCommand command)
    {
        command.Parameters.AddWithValue("$value", Value);
        command.Parameters.AddWithValue("$received", Received);
        command.Parameters.AddWithValue("$rev", Revision);
        command.Parameters.AddWithValue("$flags",
            Gone is null ? _flags & ~DeletedFlag : _flags | DeletedFlag);
        command.Parameters.AddWithValue("$q", _quality);
        command.Parameters.AddWithValue("$off", _offset);
        command.Parameters.AddWithValue("$fact", Fact);
        command.Parameters.AddWithValue("$gone", Gone ?? (object)DBNull.Value);
    }

    // What took a value back is not what it says.
    static int Kept(int flags) => flags & ~DeletedFlag;

    static double AsNumber(object number) =>
        number is DBNull ? double.NegativeInfinity : Convert.ToDouble(number);
}
