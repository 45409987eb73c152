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

    /// <summary>A duplicate of an earlier receipt, which the row now has.</summary>
    Earlier,
}

/// <summary>
/// Writes samples under the rule of which value wins: of those that were not taken back the higher revision,
/// else the later receipt, else the greater value. The outcome is a function of the set of samples, never of
/// the order in which they come. Where all were taken back the row that would have won stays and says so.
/// </summary>
sealed class SampleTable : IDisposable
{
    readonly sqlite3 _file;
    // Bound by hand: this one statement runs once a sample, and the ADO.NET layer would double its cost.
    readonly sqlite3_stmt _insert;
    readonly RivalTable _rivals;
    readonly ForwardTable? _forward;
    Rest? _bound;

    /// <param name="connection">The file.</param>
    /// <param name="forward">Told every value that comes to stand; null for nobody.</param>
    public SampleTable(SqliteConnection connection, ForwardTable? forward)
    {
        _forward = forward;
        _file = connection.Handle!;
        Check(_file, raw.sqlite3_prepare_v2(_file,
            """
            INSERT INTO sample(t, series, dur, value, received, rev, flags, q, off, fact, gone)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING
            """, out _insert));
        _rivals = new RivalTable(connection);
    }

    public SampleFate Put(long series, in Sample sample) => Put(series, sample, 0, null);

    /// <summary>A sample of a version of something that has an id.</summary>
    /// <param name="series">Its series.</param>
    /// <param name="sample">The value.</param>
    /// <param name="fact">The number of the version; 0 for none.</param>
    /// <param name="gone">Since which receipt it stands for nothing; null while it stands.</param>
    public SampleFate Put(long series, in Sample sample, long fact, long? gone)
    {
        Bind(series, sample, fact, gone);
        var result = raw.sqlite3_step(_insert);
        raw.sqlite3_reset(_insert);
        if (result != raw.SQLITE_DONE)
            Check(_file, result);
        if (raw.sqlite3_changes(_file) != 1)
            return Weigh(series, sample, fact, gone);
        _forward?.Add(new PackedSample(series, sample.Start.ToUnixTimeMilliseconds(),
            (long)sample.Duration.TotalMilliseconds, sample.Value, sample.Received.ToUnixTimeMilliseconds(),
            sample.Quality ?? double.NaN, (short)(sample.OffsetMinutes ?? ForwardSample.NoOffset),
            gone is not null));
        return SampleFate.Stored;
    }

    /// <summary>A version stands for nothing since a receipt, or, null, stands again.</summary>
    public void TakeBack(SampleKey key, long fact, long? gone)
    {
        if (_rivals.TakeBack(key, fact, gone) is { } winner)
            Forward(key, winner);
    }

    /// <summary>Forwards once more what stands there; false when nothing does.</summary>
    public bool ForwardAgain(SampleKey key)
    {
        if (_rivals.Winner(key) is not { } winner)
            return false;
        Forward(key, winner);
        return true;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _rivals.Dispose();
    }

    void Bind(long series, in Sample sample, long fact, long? gone)
    {
        raw.sqlite3_bind_int64(_insert, 1, sample.Start.ToUnixTimeMilliseconds());
        raw.sqlite3_bind_double(_insert, 4, sample.Value);
        // What was bound stays bound: from one sample to the next of a message little else changes.
        var rest = new Rest(series, (long)sample.Duration.TotalMilliseconds,
            sample.Received.ToUnixTimeMilliseconds(), sample.Revision,
            gone is null ? sample.Flags & ~SampleFlags.Deleted : sample.Flags | SampleFlags.Deleted,
            sample.Quality, sample.OffsetMinutes, fact, gone);
        if (rest != _bound)
            Bind(rest);
    }

    void Bind(in Rest rest)
    {
        raw.sqlite3_bind_int64(_insert, 2, rest.Series);
        raw.sqlite3_bind_int64(_insert, 3, rest.Duration);
        raw.sqlite3_bind_int64(_insert, 5, rest.Received);
        raw.sqlite3_bind_int(_insert, 6, rest.Revision);
        raw.sqlite3_bind_int(_insert, 7, (int)rest.Flags);
        if (rest.Quality is { } quality)
            raw.sqlite3_bind_double(_insert, 8, quality);
        else
            raw.sqlite3_bind_null(_insert, 8);
        if (rest.Offset is { } offset)
            raw.sqlite3_bind_int(_insert, 9, offset);
        else
            raw.sqlite3_bind_null(_insert, 9);
        raw.sqlite3_bind_int64(_insert, 10, rest.Fact);
        if (rest.Gone is { } since)
            raw.sqlite3_bind_int64(_insert, 11, since);
        else
            raw.sqlite3_bind_null(_insert, 11);
        _bound = rest;
    }

    // The rare path: the key is taken.
    SampleFate Weigh(long series, in Sample sample, long fact, long? gone)
    {
        var key = new SampleKey(series, sample.Series.Signal, sample.Start.ToUnixTimeMilliseconds(),
            (long)sample.Duration.TotalMilliseconds);
        var (fate, told) = _rivals.Weigh(key, new Rival(sample, fact, gone));
        if (told is not null)
            Forward(key, told);
        return fate;
    }

    void Forward(SampleKey key, Rival winner) => _forward?.Add(new PackedSample(key.Series, key.Start,
        key.Duration, winner.Value, winner.Received, winner.Quality, winner.OffsetMinutes,
        winner.Gone is not null, winner.Gone is null));

    /// <summary>Throws what SQLite says when a statement bound by hand failed.</summary>
    public static void Check(sqlite3 file, int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            throw new SqliteException(raw.sqlite3_errmsg(file).utf8_to_string(), result,
                raw.sqlite3_extended_errcode(file));
    }

    /// <summary>All of a row but its instant and value.</summary>
    readonly record struct Rest(long Series, long Duration, long Received, int Revision, SampleFlags Flags,
        double? Quality, int? Offset, long Fact, long? Gone);
}
