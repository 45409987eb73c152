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
    readonly SqliteCommand _candidates;
    readonly SqliteCommand _stand;
    readonly SqliteCommand _forget;
    readonly SqliteCommand _keep;
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
        const string key = "t=$t AND series=$series AND dur=$dur";
        _candidates = Prepare(connection,
            $"""
            SELECT value, received, rev, flags, q, off, fact, gone FROM sample WHERE {key}
            UNION ALL SELECT value, received, rev, flags, q, off, fact, gone FROM sample_superseded
                WHERE {key}
            """);
        _stand = Prepare(connection,
            """
            INSERT INTO sample(t, series, dur, value, received, rev, flags, q, off, fact, gone)
            VALUES($t, $series, $dur, $value, $received, $rev, $flags, $q, $off, $fact, $gone)
            ON CONFLICT DO UPDATE SET value=excluded.value, received=excluded.received, rev=excluded.rev,
                flags=excluded.flags, q=excluded.q, off=excluded.off, fact=excluded.fact,
                gone=excluded.gone
            """);
        _forget = Prepare(connection, $"DELETE FROM sample_superseded WHERE {key}");
        _keep = Prepare(connection,
            """
            INSERT INTO sample_superseded(t, series, dur, value, received, rev, flags, q, off, fact, gone)
            VALUES($t, $series, $dur, $value, $received, $rev, $flags, $q, $off, $fact, $gone)
            """);
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
        var rivals = Rivals(key);
        foreach (var rival in rivals)
            if (rival.Fact == fact)
                rival.Gone = gone;
        // Rows that are kept no longer cannot be taken back.
        if (rivals.Count > 0)
            Forward(key, Settle(key, rivals));
    }

    /// <summary>Forwards once more what stands there; false when nothing does.</summary>
    public bool ForwardAgain(SampleKey key)
    {
        var rivals = Rivals(key);
        if (rivals.Count > 0)
            Forward(key, Winner(rivals));
        return rivals.Count > 0;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _candidates.Dispose();
        _stand.Dispose();
        _forget.Dispose();
        _keep.Dispose();
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

    // The rare path: the key is taken. All values ever sent for it are weighed again together.
    SampleFate Weigh(long series, in Sample sample, long fact, long? gone)
    {
        var key = new SampleKey(series, sample.Series.Signal, sample.Start.ToUnixTimeMilliseconds(),
            (long)sample.Duration.TotalMilliseconds);
        var rivals = Rivals(key);
        var sent = new Rival(sample, fact, gone);
        var same = rivals.FindIndex(r => r.IsSame(sent));
        if (same >= 0 && !sent.IsBefore(rivals[same]))
            return SampleFate.Duplicate;
        if (same >= 0)
            rivals[same] = sent;
        else
            rivals.Add(sent);
        var winner = Settle(key, rivals);
        // A newcomer that lost changes nothing; an earlier receipt may have made another one win.
        if (same >= 0 || ReferenceEquals(winner, sent))
            Forward(key, winner);
        return same >= 0 ? SampleFate.Earlier
            : ReferenceEquals(winner, sent) && gone is null ? SampleFate.Replaced : SampleFate.Superseded;
    }

    Rival Settle(SampleKey key, List<Rival> rivals)
    {
        var winner = Winner(rivals);
        Run(_forget, key, null);
        Run(_stand, key, winner);
        foreach (var loser in rivals)
            if (!ReferenceEquals(loser, winner))
                Run(_keep, key, loser);
        return winner;
    }

    static Rival Winner(List<Rival> rivals) =>
        rivals.MaxBy(r => (r.Gone is null, r.Revision, r.Received, r.Value, r.Fact))!;

    void Forward(SampleKey key, Rival winner) => _forward?.Add(new PackedSample(key.Series, key.Start,
        key.Duration, winner.Value, winner.Received, winner.Quality, winner.OffsetMinutes,
        winner.Gone is not null, winner.Gone is null));

    List<Rival> Rivals(SampleKey key)
    {
        BindKey(_candidates, key);
        using var reader = _candidates.ExecuteReader();
        var rivals = new List<Rival>();
        while (reader.Read())
            rivals.Add(new Rival(reader));
        return rivals;
    }

    static void Run(SqliteCommand command, SampleKey key, Rival? rival)
    {
        BindKey(command, key);
        rival?.Bind(command);
        command.ExecuteNonQuery();
    }

    static void BindKey(SqliteCommand command, SampleKey key)
    {
        command.Parameters.Clear();
        command.Parameters.AddWithValue("$t", key.Start);
        command.Parameters.AddWithValue("$series", key.Series);
        command.Parameters.AddWithValue("$dur", key.Duration);
    }

    static SqliteCommand Prepare(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

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
