using Microsoft.Data.Sqlite;
using SpasmStream.Core.Signals;
using SQLitePCL;

namespace SpasmStream.Worker.Store;

/// <summary>What became of a sample.</summary>
enum SampleFate
{
    /// <summary>A new row.</summary>
    Stored,

    /// <summary>Same key, value and revision: no effect.</summary>
    Duplicate,

    /// <summary>It won over the value that stood there.</summary>
    Replaced,

    /// <summary>It lost to the value that stands there.</summary>
    Superseded,
}

/// <summary>
/// Writes samples under the rule of which value wins: higher revision, else later receipt, else the greater
/// value. The outcome is a function of the set of samples, never of the order in which they come.
/// </summary>
sealed class SampleTable : IDisposable
{
    readonly sqlite3 _file;
    // Bound by hand: this one statement runs once a sample, and the ADO.NET layer would double its cost.
    readonly sqlite3_stmt _insert;
    readonly SqliteCommand _candidates;
    readonly SqliteCommand _update;
    readonly SqliteCommand _forget;
    readonly SqliteCommand _keep;

    public SampleTable(SqliteConnection connection)
    {
        _file = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_file,
            """
            INSERT INTO sample(t, series, dur, value, received, rev, flags, q, off)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
            """, out _insert));
        const string key = "t=$t AND series=$series AND dur=$dur";
        _candidates = Prepare(connection,
            $"""
            SELECT value, received, rev, flags, q, off FROM sample WHERE {key}
            UNION ALL SELECT value, received, rev, flags, q, off FROM sample_superseded WHERE {key}
            """);
        _update = Prepare(connection,
            $"""
            UPDATE sample SET value=$value, received=$received, rev=$rev, flags=$flags, q=$q, off=$off
            WHERE {key}
            """);
        _forget = Prepare(connection, $"DELETE FROM sample_superseded WHERE {key}");
        _keep = Prepare(connection,
            """
            INSERT INTO sample_superseded(t, series, dur, value, received, rev, flags, q, off)
            VALUES($t, $series, $dur, $value, $received, $rev, $flags, $q, $off)
            """);
    }

    public SampleFate Put(long series, in Sample sample)
    {
        Bind(series, sample);
        var result = raw.sqlite3_step(_insert);
        raw.sqlite3_reset(_insert);
        if (result != raw.SQLITE_DONE)
            Check(result);
        return raw.sqlite3_changes(_file) == 1 ? SampleFate.Stored : Settle(series, sample);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _candidates.Dispose();
        _update.Dispose();
        _forget.Dispose();
        _keep.Dispose();
    }

    void Bind(long series, in Sample sample)
    {
        raw.sqlite3_bind_int64(_insert, 1, sample.Start.ToUnixTimeMilliseconds());
        raw.sqlite3_bind_int64(_insert, 2, series);
        raw.sqlite3_bind_int64(_insert, 3, (long)sample.Duration.TotalMilliseconds);
        raw.sqlite3_bind_double(_insert, 4, sample.Value);
        raw.sqlite3_bind_int64(_insert, 5, sample.Received.ToUnixTimeMilliseconds());
        raw.sqlite3_bind_int(_insert, 6, sample.Revision);
        raw.sqlite3_bind_int(_insert, 7, (int)sample.Flags);
        if (sample.Quality is { } quality)
            raw.sqlite3_bind_double(_insert, 8, quality);
        else
            raw.sqlite3_bind_null(_insert, 8);
        if (sample.OffsetMinutes is { } offset)
            raw.sqlite3_bind_int(_insert, 9, offset);
        else
            raw.sqlite3_bind_null(_insert, 9);
    }

    // The rare path: the key is taken. All values ever sent for it are weighed again together with the new
    // one.
    SampleFate Settle(long series, in Sample sample)
    {
        var rivals = Rivals(series, sample);
        var sent = new Rival(sample);
        var same = rivals.FindIndex(r => r.Value.Equals(sent.Value) && r.Revision == sent.Revision);
        var isNew = same < 0;
        if (isNew)
            rivals.Add(sent);
        else if (sent.IsBefore(rivals[same]))
            rivals[same] = sent;
        else
            return SampleFate.Duplicate;

        var winner = rivals.MaxBy(r => (r.Revision, r.Received, r.Value))!;
        Run(_forget, series, sample, null);
        Run(_update, series, sample, winner);
        foreach (var loser in rivals)
            if (!ReferenceEquals(loser, winner))
                Run(_keep, series, sample, loser);

        return !isNew ? SampleFate.Duplicate
            : ReferenceEquals(winner, sent) ? SampleFate.Replaced : SampleFate.Superseded;
    }

    List<Rival> Rivals(long series, in Sample sample)
    {
        BindKey(_candidates, series, sample);
        using var reader = _candidates.ExecuteReader();
        var rivals = new List<Rival>();
        while (reader.Read())
            rivals.Add(new Rival(reader));
        return rivals;
    }

    static void Run(SqliteCommand command, long series, in Sample key, Rival? rival)
    {
        BindKey(command, series, key);
        if (rival is not null)
            rival.Bind(command);
        command.ExecuteNonQuery();
    }

    static void BindKey(SqliteCommand command, long series, in Sample sample)
    {
        command.Parameters.Clear();
        command.Parameters.AddWithValue("$t", sample.Start.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$series", series);
        command.Parameters.AddWithValue("$dur", (long)sample.Duration.TotalMilliseconds);
    }

    static SqliteCommand Prepare(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            throw new SqliteException(raw.sqlite3_errmsg(_file).utf8_to_string(), result,
                raw.sqlite3_extended_errcode(_file));
    }

    /// <summary>One of the values sent for one key.</summary>
    sealed class Rival
    {
        readonly int _flags;
        readonly object _quality;
        readonly object _offset;

        public Rival(in Sample sample)
        {
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
        }

        public double Value { get; }

        public long Received { get; }

        public int Revision { get; }

        /// <summary>
        /// By receipt; within one millisecond by what else they say, so that any order gives one row.
        /// </summary>
        public bool IsBefore(Rival other) =>
            (Received, _flags, AsNumber(_quality), AsNumber(_offset)).CompareTo(
                (other.Received, other._flags, AsNumber(other._quality), AsNumber(other._offset))) < 0;

        public void Bind(SqliteCommand command)
        {
            command.Parameters.AddWithValue("$value", Value);
            command.Parameters.AddWithValue("$received", Received);
            command.Parameters.AddWithValue("$rev", Revision);
            command.Parameters.AddWithValue("$flags", _flags);
            command.Parameters.AddWithValue("$q", _quality);
            command.Parameters.AddWithValue("$off", _offset);
        }

        static double AsNumber(object number) =>
            number is DBNull ? double.NegativeInfinity : Convert.ToDouble(number);
    }
}
