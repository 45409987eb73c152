using System.Security.Cryptography;
using System.Text;
using Dapper;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Wearers;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Assess;

/// <summary>A real file in a folder of its own, one wearer's messages, and the wearer followed.</summary>
sealed class Journal : IDisposable
{
    public static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
    public static readonly Instant Now = Instant.FromUtc(2026, 11, 18, 11, 0);
    public static readonly WearerId Ada = new("ada");

    public static readonly WearerProfile Profile = new() { Zones = [new ZoneStay(Instant.MinValue, Zone)] };

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spasmstream-journal-");
    readonly WireDecoder _decoder = new();
    readonly StoreWriter _writer;
    readonly List<SqliteHistory> _histories = [];
    readonly bool _mayRefuse;

    public Journal(bool mayRefuse = false, PayloadKey? key = null)
    {
        _mayRefuse = mayRefuse;
        File = new StoreFile(_folder.FullName, key);
        _writer = new StoreWriter(
            File, new StoreOptions(), TimeProvider.System);
    }

    public StoreFile File { get; }

    public StoreWriter Writer => _writer;

    public static List<Delivery> History(int days, LastDay last = LastDay.Usual) =>
        [.. new SimulatedWearer(new("ada", Character.Responder, Zone, 3, days, Now, last)).Messages()
            .Select(message => Sent(message.Topic, message.Payload, message.Received!.Value))];

    public static Delivery Sent(string topic, ReadOnlyMemory<byte> payload, Instant received) =>
        new() { Topic = topic, Payload = payload, Received = received, Replayed = true };

    public static Delivery Sent(string kind, string json, Instant received) =>
        Sent($"spasmstream/v1/in/ada/{kind}", Encoding.UTF8.GetBytes(json), received);

    public async Task KeepAsync(IEnumerable<Delivery> deliveries, Func<int> batchSize)
    {
        var rest = new Queue<Delivery>(deliveries);
        while (rest.Count > 0)
        {
            var size = batchSize();
            List<Arrival> batch = [];
            while (batch.Count < size && rest.TryDequeue(out var delivery))
                batch.Add(Read(delivery));
            await AppendAsync(batch);
        }
    }

    /// <summary>Keeps what messages were read as, in batches of the sizes told.</summary>
    public async Task KeepAsync(IEnumerable<Arrival> arrivals, Func<int> batchSize)
    {
        var rest = new Queue<Arrival>(arrivals);
        while (rest.Count > 0)
        {
            var size = batchSize();
            List<Arrival> batch = [];
            while (batch.Count < size && rest.TryDequeue(out var arrival))
                batch.Add(arrival);
            await AppendAsync(batch);
        }
    }

    public Task KeepAsync(params IEnumerable<Arrival> arrivals) => KeepAsync(arrivals, () => 400);

    public Arrival Read(Delivery delivery) => new(delivery,
        _decoder.Decode(delivery.Topic, delivery.Payload, delivery.Received, DecodeLimits.AnyTime));

    async Task AppendAsync(List<Arrival> batch)
    {
        var outcomes = await _writer.RunAsync(
            session => Appending.Run(session, batch), TestContext.Current.CancellationToken);
        if (!_mayRefuse)
            Assert.All(outcomes, outcome => Assert.Null(outcome.Reason));
    }

    public Task KeepAsync(params IEnumerable<Delivery> deliveries) => KeepAsync(deliveries, () => 400);

    /// <summary>As after a start of the worker.</summary>
    public TrackedWearer Follow(WearerProfile? profile = null)
    {
        var history = History();
        var tracked = new TrackedWearer(Ada, profile ?? Profile, history, Said.Reader());
        tracked.Restore(WearerRecord.Load(File, Ada));
        return tracked;
    }

    public SqliteHistory History()
    {
        var history = new SqliteHistory(File, _writer);
        _histories.Add(history);
        return history;
    }

    public List<T> Query<T>(string sql)
    {
        using var reader = File.OpenReader();
        return [.. reader.Query<T>(sql)];
    }

    public Task<int> ExecuteAsync(string sql) =>
        _writer.RunAsync(session => session.Execute(sql), TestContext.Current.CancellationToken);

    /// <summary>Every row of the tables as SHA-256, in the order of their columns.</summary>
    public string HashOf(params string[] tables)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var reader = File.OpenReader();
        foreach (var table in tables)
        {
            using var rows = reader.ExecuteReader($"SELECT * FROM {table} ORDER BY 1, 2, 3, 4");
            while (rows.Read())
                for (var i = 0; i < rows.FieldCount; i++)
                    hash.AppendData(rows.GetValue(i) as byte[]
                        ?? Encoding.UTF8.GetBytes(FormattableString.Invariant($"{rows.GetValue(i)}|")));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _histories.ForEach(history => history.Dispose());
        _writer.Dispose();
        _folder.Delete(recursive: true);
    }
}
