using Microsoft.Data.Sqlite;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>The real store in a folder of its own, gone with the test.</summary>
sealed class TempStore : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spasmstream-store-");
    StoreWriter? _writer;

    public TempStore(StoreOptions? options = null)
    {
        Options = options ?? new StoreOptions();
        Options.Directory = _folder.FullName;
        File = StoreFile.Of(Options);
    }

    public StoreOptions Options { get; }

    public StoreFile File { get; }

    public StoreWriter Writer => _writer ??= new StoreWriter(File, Options, TimeProvider.System);

    public Task<T> RunAsync<T>(Func<WriteSession, T> job) => Writer.RunAsync(job, CancellationToken.None);

    public Task<DeliveryOutcome[]> AppendAsync(params Delivery[] deliveries) =>
        RunAsync(session => Appending.Run(session, [.. deliveries.Select(Read)]));

    /// <summary>The rows of a query on another connection, columns joined by bars.</summary>
    public IReadOnlyList<string> Rows(string sql)
    {
        using var reader = File.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => Text(row, i))));
        return rows;
    }

    public string Row(string sql) => Assert.Single(Rows(sql));

    /// <summary>Another program that holds the file's write lock until disposed.</summary>
    public SqliteConnection LockFile()
    {
        var other = new SqliteConnection($"Data Source={File.Path};Pooling=False");
        other.Open();
        using var begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return other;
    }

    /// <summary>Closes the writer, as a worker that stops does.</summary>
    public void Close()
    {
        _writer?.Dispose();
        _writer = null;
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>What a message says, however old it is.</summary>
    public static Arrival Read(Delivery delivery) => new(delivery, new WireDecoder().Decode(
        delivery.Topic, delivery.Payload, delivery.Received, DecodeLimits.AnyTime));

    static string Text(SqliteDataReader row, int i) =>
        row.IsDBNull(i) ? "" : row.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : row
            .GetString(i);
}

/// <summary>Deliveries for the tests of the store.</summary>
static class Some
{
    public const string HeartRate = "spasmstream/v1/in/ada/watch/heart-rate";

    public static readonly Instant Start = Instant.FromUtc(2026, 3, 8, 21, 0);

    public static long Ms(int second) => Start.ToUnixTimeMilliseconds() + second * 1000L;

    public static Delivery Message(string payload, Instant? received = null, string topic = HeartRate) =>
        new()
    {
        Topic = topic,
        Payload = System.Text.Encoding.UTF8.GetBytes(payload),
        Received = received ?? Start + Duration.FromHours(1),
    };

    public static Delivery Bpm(int second, double bpm, Instant? received = null, int? rev = null) => Message(
        $$"""{"v":1,"t":{{Ms(second)}},"bpm":{{bpm}}{{(rev is null ? "" : $",\"rev\":{rev}")}}}""",
        received);

    public static Sample Sample(double value, long received, int rev = 0, double? quality = null,
        int second = 0) => new()
    {
        Series = new Series("watch", Signal.HeartRate, Stat.Raw, ""),
        Start = Start + Duration.FromSeconds(second),
        Value = value,
        Received = Start + Duration.FromMilliseconds(received),
        Revision = rev,
        Quality = quality,
    };
}
