using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;
using SQLitePCL;

namespace SpasmStream.Benchmarks;

/// <summary>What a commit costs beside a bare loop of the same keyed upsert on the same table.</summary>
[MemoryDiagnoser]
public class CommitBenchmarks
{
    const int SeriesCount = 200;
    const int SamplesPerMessage = 60;

    static readonly Instant Start = Instant.FromUtc(2026, 3, 7, 22, 0);

    readonly Series[] _series = [.. Enumerable.Range(0, SeriesCount)
        .Select(_ => new Series("strap", Signal.HeartRate, Stat.Raw, "bench"))];
    readonly WearerId[] _wearers = [.. Enumerable.Range(0, SeriesCount).Select(i => new WearerId($"w{i}"))];

    string _folder = "";
    StoreWriter? _writer;
    SqliteConnection? _bare;
    sqlite3_stmt? _insert;
    long _message;

    /// <summary>Rows in one commit; 60 samples a message, its series in turn.</summary>
    [Params(1_000, 10_000)]
    public int Rows { get; set; }

    [GlobalSetup(Target = nameof(Bare))]
    public void OpenBare()
    {
        Prepare();
        _bare = new StoreFile(_folder).OpenWriter();
        Check(raw.sqlite3_prepare_v2(_bare.Handle!, """
            INSERT INTO sample(t, series, dur, value, received, rev, flags, q, off)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
            """, out _insert));
    }

    [GlobalSetup(Target = nameof(Store))]
    public void OpenStore()
    {
        Prepare();
        _writer = new StoreWriter(new StoreFile(_folder), new StoreOptions(), TimeProvider.System);
    }

    [GlobalCleanup]
    public void Close()
    {
        _writer?.Dispose();
        _insert?.Dispose();
        _bare?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public int Bare()
    {
        Check(raw.sqlite3_exec(_bare!.Handle!, "BEGIN IMMEDIATE"));
        var written = 0;
        for (; written < Rows; _message++)
            for (var i = 0; i < SamplesPerMessage && written < Rows; i++, written++)
                Insert(_message % SeriesCount + 1, At(_message, i), 60 + i);
        Check(raw.sqlite3_exec(_bare.Handle!, "COMMIT"));
        return written;
    }

    [Benchmark]
    public int Store()
    {
        var batch = new List<Arrival>(Rows / SamplesPerMessage + 1);
        for (var written = 0; written < Rows; written += SamplesPerMessage, _message++)
            batch.Add(Message(Math.Min(SamplesPerMessage, Rows - written)));
        return _writer!.RunAsync(session => Appending.Run(session, batch), default).GetAwaiter().GetResult()
            .Length;
    }

    void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("spasmstream-bench-").FullName;
        _message = 0;
    }

    // A minute of readings of every series, then the next minute of every series: as live data comes.
    static Instant At(long message, int second) =>
        Start + Duration.FromMinutes(message / SeriesCount) + Duration.FromSeconds(second);

    Arrival Message(int samples)
    {
        var series = (int)(_message % SeriesCount);
        var received = At(_message, SamplesPerMessage);
        var read = new Sample[samples];
        for (var i = 0; i < read.Length; i++)
            read[i] = new Sample
            {
                Series = _series[series],
                Start = At(_message, i),
                Value = 60 + i,
                Received = received,
            };
        return new Arrival(
            new Delivery { Topic = "", Payload = default, Received = received },
            new Decoded { Wearer = _wearers[series], Device = "strap", Samples = read });
    }

    void Insert(long series, Instant at, double value)
    {
        raw.sqlite3_bind_int64(_insert, 1, at.ToUnixTimeMilliseconds());
        raw.sqlite3_bind_int64(_insert, 2, series);
        raw.sqlite3_bind_int64(_insert, 3, 0);
        raw.sqlite3_bind_double(_insert, 4, value);
        raw.sqlite3_bind_int64(_insert, 5, at.ToUnixTimeMilliseconds());
        raw.sqlite3_bind_int(_insert, 6, 0);
        raw.sqlite3_bind_int(_insert, 7, 0);
        raw.sqlite3_bind_null(_insert, 8);
        raw.sqlite3_bind_null(_insert, 9);
        var result = raw.sqlite3_step(_insert);
        raw.sqlite3_reset(_insert);
        if (result != raw.SQLITE_DONE)
            throw new InvalidOperationException($"SQLite error {result}.");
    }

    static void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new InvalidOperationException($"SQLite error {result}.");
    }
}
