using SQLitePCL;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What is committed and not yet forwarded, in the order of the commits: the value that stands, packed with
/// the others of its commit into one row. What is mirrored is only named: it is read when it is taken.
/// </summary>
/// <remarks>
/// A number is never given twice while this runs, so that whoever says which rows were forwarded can never
/// mean others. <c>total</c> grows from row to row by what each takes: first and last row tell what waits.
/// </remarks>
sealed class ForwardTable : IDisposable
{
    /// <summary>As many as InfluxDB is sent at once; a larger commit makes several rows.</summary>
    public const int RowPoints = 5_000;

    /// <summary>What a row takes beside what is packed in it.</summary>
    public const int RowBytes = 40;

    readonly WriteSession _session;
    readonly SamplePacker _pack = new();
    readonly sqlite3_stmt _insert;
    bool _isKnown;
    long _id;
    long _total;

    public ForwardTable(WriteSession session)
    {
        _session = session;
        Check(raw.sqlite3_prepare_v2(session.Connection.Handle!, """
            INSERT INTO forward(id, at, points, oldest, total, kind, wearer, packed)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """, out _insert));
        // Before anything can be marked: of an empty table nobody could tell which numbers were given.
        Recall();
    }

    /// <summary>A sample that stands from this commit on.</summary>
    public void Add(in PackedSample sample)
    {
        _pack.Add(sample);
        if (_pack.Count >= RowPoints)
            Flush();
    }

    /// <summary>Something mirrored that this commit made or changed.</summary>
    public void Mirror(MirroredKind kind, long wearer, string reference)
    {
        // Rows keep the order in which they were said.
        Flush();
        Insert(1, null, (int)kind, wearer, System.Text.Encoding.UTF8.GetBytes(reference));
    }

    /// <summary>Writes what was gathered.</summary>
    public void Flush()
    {
        if (_pack.Count == 0)
            return;
        Insert(_pack.Count, _pack.Oldest, 0, null, _pack.Bytes);
        _pack.Clear();
    }

    /// <summary>The transaction is void: what was gathered in it, and where its rows ended, too.</summary>
    public void Discard()
    {
        _pack.Clear();
        _isKnown = false;
    }

    public void Dispose() => _insert.Dispose();

    void Insert(int points, long? oldest, int kind, long? wearer, ReadOnlySpan<byte> packed)
    {
        if (!_isKnown)
            Recall();
        _total += packed.Length + RowBytes;
        raw.sqlite3_bind_int64(_insert, 1, ++_id);
        raw.sqlite3_bind_int64(_insert, 2, _session.Now);
        raw.sqlite3_bind_int(_insert, 3, points);
        Bind(4, oldest);
        raw.sqlite3_bind_int64(_insert, 5, _total);
        raw.sqlite3_bind_int(_insert, 6, kind);
        Bind(7, wearer);
        raw.sqlite3_bind_blob(_insert, 8, packed);
        var result = raw.sqlite3_step(_insert);
        raw.sqlite3_reset(_insert);
        Check(result);
        _session.Count(Counter.PointsJournalled, points);
    }

    void Recall()
    {
        using var command = _session.Connection.CreateCommand();
        command.CommandText = "SELECT id, total FROM forward ORDER BY id DESC LIMIT 1";
        using var row = command.ExecuteReader();
        if (row.Read())
            (_id, _total) = (Math.Max(_id, row.GetInt64(0)), row.GetInt64(1));
        _isKnown = true;
    }

    void Bind(int place, long? value)
    {
        if (value is { } number)
            raw.sqlite3_bind_int64(_insert, place, number);
        else
            raw.sqlite3_bind_null(_insert, place);
    }

    void Check(int result) => SampleTable.Check(_session.Connection.Handle!, result);
}
