using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Replay;

/// <summary>Ruling 2: what a worker said under hardship is what its export says again.</summary>
public sealed class ReplayTests
{
    const int Days = 80;
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    static readonly (string Name, Character Character)[] _wearers =
        [("ada", Character.Responder), ("ben", Character.SpasmCoupled), ("cleo", Character.Untriggered)];

    [Fact]
    public async Task A_worker_fed_late_doubled_and_shuffled_and_killed_three_times_equals_the_backtest()
    {
        using var folder = new TempFolder();
        var (port, page) = (FreePort.Next(), new Uri($"http://127.0.0.1:{FreePort.Next()}"));
        var live = folder.Write("live.json", Configuration("live", port, page));
        var feeds = Feeds();
        var expected = await CountForecastsAsync(feeds);

        await FeedThroughKillsAsync(folder, live, port, page, feeds, expected);
        await RunAsync(folder, "export", "--out", "E.ndjson", "--forecasts", "F1.csv", "--config", live);
        await RunAsync(folder, "backtest", "--file", "E.ndjson", "--forecasts", "F2.csv", "--config", live);
        var again = folder.Write("again.json", Configuration("again", port, page));
        await RunAsync(folder, "import", "E.ndjson", "--config", again);
        await RunAsync(folder, "export", "--out", "E2.ndjson", "--forecasts", "F3.csv", "--config", again);

        var forecasts = File.ReadAllLines(folder.At("F1.csv"));
        Assert.True(forecasts.Count(row => row.Split(',')[5].Length > 0) > 100);
        Assert.Equal(expected, forecasts.Length - 1);
        Assert.Equal(forecasts, File.ReadAllLines(folder.At("F2.csv")));
        Assert.Equal(File.ReadAllBytes(folder.At("F1.csv")), File.ReadAllBytes(folder.At("F2.csv")));
        Assert.Equal(File.ReadAllBytes(folder.At("F1.csv")), File.ReadAllBytes(folder.At("F3.csv")));
        Assert.True(File.ReadAllBytes(folder.At("E.ndjson")).AsSpan()
            .SequenceEqual(File.ReadAllBytes(folder.At("E2.ndjson"))), "The second export differs.");
    }

    static List<List<WireMessage>> Feeds() =>
        [.. _wearers.Select((w, i) => new HostileFeed(new Random(i + 1)).Of(w.Name, w.Character, Days))];

    /// <summary>The same messages in memory: how many forecasts there will be.</summary>
    static async Task<int> CountForecastsAsync(List<List<WireMessage>> feeds)
    {
        var backtest = new Backtest(new WearerDirectory([], admitsStrangers: true, "Europe/Berlin"));
        foreach (var message in feeds.SelectMany(feed => feed))
            backtest.Add(new Delivery
            {
                Topic = message.Topic, Payload = message.Payload,
                Received = message.Received!.Value, Replayed = true,
            });
        return (await backtest.RunAsync(TestContext.Current.CancellationToken)).Count;
    }

    static async Task FeedThroughKillsAsync(TempFolder folder, string configuration, int port, Uri page,
        List<List<WireMessage>> feeds, int expected)
    {
        var total = feeds.Sum(feed => feed.Count);
        var settled = 0;
        var refusals = new ConcurrentBag<string>();
        var worker = await StartAsync(folder, configuration, page);
        var publishing = Task.WhenAll(feeds.Select(async (feed, i) =>
        {
            var address = new BrokerAddress(
                "127.0.0.1", port, "feed", "feed-secret", TimeSpan.FromSeconds(60));
            await using var publisher = new MqttPublisher(address, $"{i}", TimeProvider.System);
            await publisher.PublishAsync(feed, receipt =>
            {
                Interlocked.Increment(ref settled);
                if (receipt.Refusal is { } refusal)
                    refusals.Add($"{receipt.Message.Topic}: {refusal}");
            }, TestContext.Current.CancellationToken);
        }));
        for (var kill = 1; kill <= 3; kill++)
        {
            var at = total * kill / 4;
            await worker.Process.WaitUntilAsync(_ => Task.FromResult(Volatile.Read(ref settled) >= at),
                $"{at} of {total} messages in", _patience);
            await worker.KillAsync();
            await worker.DisposeAsync();
            worker = await StartAsync(folder, configuration, page);
        }

        await publishing.WaitAsync(_patience, TestContext.Current.CancellationToken);
        var file = new StoreFile(folder.At("live"));
        await worker.Process.WaitUntilAsync(
            _ => Task.FromResult(Scalar(file, "SELECT count(*) FROM forecast") >= expected),
            $"{expected} forecasts made", _patience);
        Assert.Empty(refusals.Distinct());
        Assert.True(Scalar(file, "SELECT value FROM counter WHERE name='MessagesReceived'") >= total);
        var code = await worker.StopAsync();
        Assert.True(code == 0, $"Stopped with {code}:\n{worker.Process.Output}");
        await worker.DisposeAsync();
    }

    static async Task<WorkerProcess> StartAsync(TempFolder folder, string configuration, Uri page)
    {
        var worker = WorkerProcess.Start(folder.Path, ["run", "--config", configuration]);
        await worker.WaitUntilReadyAsync(page);
        return worker;
    }

    static async Task RunAsync(TempFolder folder, params string[] arguments)
    {
        await using var command = WorkerProcess.Start(folder.Path, arguments);
        var code = await command.Process.ExitAsync(_patience);
        Assert.True(code == 0, $"{arguments[0]}: {code}\n{command.Process.Output}");
    }

    static long Scalar(StoreFile file, string sql)
    {
        using var reader = file.OpenReader();
        return reader.ExecuteScalar<long>(sql);
    }

    static string Configuration(string store, int port, Uri page) => JsonSerializer.Serialize(new
    {
        Store = new { Directory = store },
        Broker = new
        {
            Port = port, Accounts = new[] { new { User = "feed", Password = "feed-secret", Gateway = true } },
            // Months in seconds.
            MessagesPerSecond = 0, BytesPerSecond = 0,
        },
        Intake = new { Replay = true },
        Web = new { Url = page.ToString().TrimEnd('/') },
        Wearers = _wearers.Select(w => new { Id = w.Name, Zone = "Europe/Berlin" }),
    });
}
