using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What the writer's thread may do inside a transaction: the tables, on the one connection.
/// </summary>
sealed class WriteSession : IDisposable
{
    static readonly byte[][] _counterNames =
        [.. Enum.GetNames<Counter>().Select(System.Text.Encoding.ASCII.GetBytes)];

    readonly long[] _counts = new long[_counterNames.Length];
    readonly Dictionary<(long Wearer, long Hour), (long First, long Last)> _touched = [];

    readonly TimeProvider _time;
    readonly Dictionary<long, long> _newest = [];
    readonly Statement _keepTouched;
    readonly Statement _keepNewest;
    readonly Statement _keepCount;
    (long Wearer, long Hour, long Received) _lastTouched;
    long _heard;
    long? _late;

    public WriteSession(SqliteConnection connection, StoreOptions options, TimeProvider time)
    {
        Connection = connection;
        _time = time;
        Names = new NameTable(connection);
        if (options.ForwardTarget is not null)
            Forward = new ForwardTable(this);
        Samples = new SampleTable(connection, Forward);
        Entries = new EntryTable(connection);
        DeadLetters = new DeadLetterTable(connection, time);
        Facts = new FactTable(this);
        MessageKeys = new MessageKeyTable(connection, time);
        Erased = new ErasedWearers(connection);
        Thinned = new ThinnedHours(connection);
        Caps = new NameCaps(connection, options);
        _keepTouched = new Statement(connection, $"""
            INSERT INTO dirty(wearer, hour, first, last, touches) SELECT $w, $h, $f, $l, 1
            WHERE NOT {ThinnedHours.Condition}
            ON CONFLICT DO UPDATE SET first=min(first, excluded.first), last=max(last, excluded.last),
                touches=touches+1
            """);
        _keepNewest = new Statement(connection,
            "UPDATE series SET last=max(coalesce(last, ?2), ?2) WHERE id=?1");
        _keepCount = new Statement(connection, """
            INSERT INTO counter(name, value) VALUES(?1, ?2)
            ON CONFLICT DO UPDATE SET value=value+excluded.value
            """);
    }

    public SqliteConnection Connection { get; }

    /// <summary>Our own time, in Unix milliseconds.</summary>
    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public NameTable Names { get; }

    /// <summary>What is to be forwarded; null when nothing is.</summary>
    public ForwardTable? Forward { get; }

    public SampleTable Samples { get; }

    public EntryTable Entries { get; }

    public DeadLetterTable DeadLetters { get; }

    public FactTable Facts { get; }

    public MessageKeyTable MessageKeys { get; }

    public ErasedWearers Erased { get; }

    public ThinnedHours Thinned { get; }

    public NameCaps Caps { get; }

    public void Count(Counter counter, long by = 1) => _counts[(int)counter] += by;

    /// <summary>
    /// Remembers the newest receipt on our own clock: a clock that starts behind it is taken up to it.
    /// </summary>
    public void Hear(Instant received) => _heard = Math.Max(_heard, Ms.Of(received));

    /// <summary>
    /// Marks the hours a sample lies in, to be folded again, and how far its series has come.
    /// </summary>
    public void Touch(long wearer, long series, in Sample sample)
    {
        var start = sample.Start.ToUnixTimeMilliseconds();
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, series, out var known);
        if (!known || newest < start)
            newest = start;
        TouchHours(wearer, sample.Series.Signal, start, (long)sample.Duration.TotalMilliseconds,
            sample.Received.ToUnixTimeMilliseconds());
    }

    /// <summary>
    /// Marks the hours that a sample can change, to be folded again for what was received at an instant.
    /// </summary>
    public void TouchHours(long wearer, Signal signal, long start, long duration, long received)
    {
        // The next thinning looks where it has been already.
        if (start < Thinned.Until)
            _late = Math.Min(_late ?? start, start);
        var (first, last) = HourFold.HoursTouched(signal, start, duration);
        // The samples of one message lie in one hour or few.
        if (first == last && _lastTouched == (wearer, first, received))
            return;
        for (var h = first; h <= last; h++)
            _touched[(wearer, h)] = _touched.TryGetValue((wearer, h), out var seen)
                ? (Math.Min(seen.First, received), Math.Max(seen.Last, received))
                : (received, received);
        _lastTouched = (wearer, last, received);
    }

    /// <summary>Writes what was gathered; the last thing before a commit.</summary>
    public void Flush()
    {
        Forward?.Flush();
        foreach (var ((wearer, hour), (first, last)) in _touched)
            _keepTouched.With(wearer, hour, first, last).Run();
        foreach (var (series, newest) in _newest)
            _keepNewest.With(series, newest).Run();
        KeepCounts();
        if (_late is not null)
            Execute("UPDATE retention SET late=min(coalesce(late, $t), $t)", ("$t", _late));
        if (_heard > 0)
            Execute("INSERT INTO clock VALUES(1, $l) ON CONFLICT DO UPDATE SET last=max(last, excluded.last)",
                ("$l", _heard));
        Clear();
    }

    /// <summary>
    /// Forgets what was gathered and every number given out, because the transaction is void.
    /// </summary>
    public void Discard()
    {
        Forward?.Discard();
        Clear();
        Names.Forget();
        Erased.Forget();
        Thinned.Forget();
    }

    /// <summary>The first column of the first row.</summary>
    public T? Scalar<T>(string sql, params (string Name, object? Value)[] parameters) =>
        Connection.ExecuteScalar<T>(sql, new DynamicParameters(parameters.ToDictionary(
            parameter => parameter.Name[1..], parameter => parameter.Value ?? DBNull.Value)));

    /// <summary>The number of the row that was inserted last.</summary>
    public long LastId => SQLitePCL.raw.sqlite3_last_insert_rowid(Connection.Handle!);

    public int Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        Samples.Dispose();
        Forward?.Dispose();
        _keepTouched.Dispose();
        _keepNewest.Dispose();
        _keepCount.Dispose();
    }

    void KeepCounts()
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] == 0)
                continue;
            _keepCount.Bind(1, _counterNames[i]);
            _keepCount.Bind(2, _counts[i]);
            _keepCount.Run();
        }
    }

    void Clear()
    {
        _touched.Clear();
        _newest.Clear();
        Array.Clear(_counts);
        _lastTouched = (0, 0, long.MinValue);
        _heard = 0;
        _late = null;
    }
}
