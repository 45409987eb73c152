using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>A slow disk, little memory, no time to compute.</summary>
public sealed class MachineTests
{
    const string SlowCommit = "before_commit=delay:500";

    static readonly string[] _littleMemory = ["env", "DOTNET_GCHeapHardLimit=0x10000000"];

    [Fact]
    public Task F40_F47_Behind_a_slow_disk_and_with_little_memory_a_backlog_is_stored_once() =>
        DrainAsync(messages: 1_000, within: TimeSpan.FromSeconds(60));

    [NightlyFact]
    public Task F40_F47_A_hundred_thousand_messages_behind_a_slow_disk_in_256_mebibytes() =>
        DrainAsync(messages: 100_000, within: TimeSpan.FromMinutes(15));

    [Fact]
    public Task F47_With_little_memory_and_InfluxDB_gone_a_backlog_and_what_comes_are_in_both() =>
        OutageAsync(messages: 1_000, gone: TimeSpan.FromSeconds(2));

    [NightlyFact]
    public Task F47_A_hundred_thousand_messages_and_a_minute_without_InfluxDB_in_256_mebibytes() =>
        OutageAsync(messages: 100_000, gone: TimeSpan.FromSeconds(60));

    [NightlyFact]
    public async Task F40_At_200_messages_a_second_a_commit_of_half_a_second_costs_at_most_two()
    {
        const int messages = 6_000;
        const int perSecond = 200;
        using var broker = new ScriptedBroker();
        await using var rig = WorkerRig.Make(
            ("Notify:Mqtt", "false"), ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        rig.Failpoints = SlowCommit;
        await rig.StartAgainAsync(ready: false);
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        var book = new SetFull();
        var ids = new long[messages + 1];   // by packet id
        var answering = AnswersAsync(link, book, ids);
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var i = 1; i <= messages; i++)
        {
            while (TimeProvider.System.GetElapsedTime(began).TotalSeconds * perSecond < i)
                await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            ids[i] = book.Next();
            await link.SendAsync(RawMqtt.Publish(i, book.Topic, book.Message(ids[i])));
        }

        await answering;
        // From when it was due: a line that is not read holds the next ones up before they are sent.
        AssertWithinTwoSeconds(Enumerable.Range(1, messages).Select(i =>
            TimeProvider.System.GetElapsedTime(began, book.AnswerOf(ids[i])!.Value.Stamp)
            - TimeSpan.FromSeconds((double)i / perSecond)));
        book.Judge(rig.File).AssertClean();
        Assert.Equal(messages, rig.Count("SELECT count(*) FROM sample"));
        Assert.InRange(rig.Process.ResidentMiB, 0, 300);
    }

    [NightlyFact]
    public async Task F40_At_our_own_broker_a_commit_of_half_a_second_costs_each_of_16_devices_at_most_two()
    {
        await using var rig = WorkerRig.Make();
        rig.Failpoints = SlowCommit;
        await rig.StartAgainAsync();
        SetFull[] books = [.. Enumerable.Range(0, 16).Select(device => new SetFull($"watch-{device}"))];

        var took = await Task.WhenAll(books.Select((book, i) => SendAsync(rig, book, $"ada:{i}")));

        AssertWithinTwoSeconds(took.SelectMany(it => it));
        Assert.All(books, book => book.Judge(rig.File).AssertClean());
        Assert.Equal(books.Sum(book => book.Sent), rig.Count("SELECT count(*) FROM sample"));
        Assert.InRange(rig.Process.ResidentMiB, 0, 300);
    }

    [NightlyFact]
    public async Task F48_On_one_core_that_others_keep_busy_an_alert_leaves_within_five_seconds()
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System);
        await using var rig = WorkerRig.Make(
            ("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"), ("Notify:Mqtt", "false"),
            ("Notify:Webhooks:0:Url", receiver.Url), ("Notify:Webhooks:0:Secret", WebhookReceiver.Secret),
            ("Notify:Webhooks:0:AllowedHosts:0", "127.0.0.1"));
        rig.InFront = ["taskset", "-c", "0"];
        string[] busy = ["-c", "0", "sh", "-c", "while :; do :; done"];
        await using var one = new RunningProcess("taskset", busy, Path.GetTempPath());
        await using var other = new RunningProcess("taskset", busy, Path.GetTempPath());
        await rig.StartAgainAsync();
        await using var load = SteadyLoad.Start(rig);
        await load.MoreAsync(2_000, rig.Process);
        await rig.Worker.StopAsync();
        // There is one writer: the alert is laid down while the worker is stopped.
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                new OutChannel("webhook"));
        await rig.StartAgainAsync();
        var began = TimeProvider.System.GetTimestamp();

        await receiver.NextAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await load.StopAsync();
        load.AssertClean(rig);
    }

    /// <summary>What waits at a broker comes in at the pace of the commits.</summary>
    static async Task DrainAsync(int messages, TimeSpan within)
    {
        // It is not restarted, and would write all that waits to the disk again and again.
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoSettings { Persistence = false });
        await using var rig = WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        var book = await FillAsync(broker, rig, messages);
        rig.Failpoints = SlowCommit;
        rig.InFront = _littleMemory;
        await rig.StartAgainAsync(ready: false);
        var most = 0.0;
        await rig.Process.WaitUntilAsync(_ =>
        {
            most = Math.Max(most, rig.Process.ResidentMiB);
            return Task.FromResult(IsDrained(rig, book));
        }, "all stored", within);

        await EndAsync(rig, book, most);
        Assert.Equal(book.Sent, rig.Count("SELECT count(*) FROM sample"));
    }

    /// <summary>The same while more comes in and InfluxDB is gone; it then gets all of it.</summary>
    static async Task OutageAsync(int messages, TimeSpan gone)
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"),
            ("Influx:Url", influxd.Url), ("Influx:Database", "t"));
        var book = await FillAsync(broker, rig, messages);
        await influxd.KillAsync();
        var began = TimeProvider.System.GetTimestamp();
        rig.Failpoints = "before_commit=delay:50";
        rig.InFront = _littleMemory;
        await rig.StartAgainAsync(ready: false);
        await using var load = SteadyLoad.Start(broker.Port);
        var most = 0.0;
        await rig.Process.WaitUntilAsync(_ =>
        {
            most = Math.Max(most, rig.Process.ResidentMiB);
            return Task.FromResult(IsDrained(rig, book) && load.Acknowledged > 200
                && TimeProvider.System.GetElapsedTime(began) > gone);
        }, "all stored", TimeSpan.FromMinutes(5));
        Assert.True(rig.Count("SELECT count(*) FROM forward") > 0);

        await influxd.StartAgainAsync();
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ =>
        {
            most = Math.Max(most, rig.Process.ResidentMiB);
            return Task.FromResult(load.IsSettled(rig.File)
                && rig.Count("SELECT count(*) FROM forward") == 0);
        }, "all forwarded", TimeSpan.FromMinutes(3));
        await EndAsync(rig, book, most);
        load.AssertClean(rig);
        await influxd.AssertHoldsAsync(rig.File);
    }

    /// <summary>So many messages wait at the broker for a worker that is stopped.</summary>
    static async Task<SetFull> FillAsync(MosquittoBroker broker, WorkerRig rig, int messages)
    {
        await rig.StartAgainAsync();
        await rig.Process.WaitForLineAsync("Listening to the broker");
        Assert.Equal(0, await rig.Worker.StopAsync());
        var book = new SetFull();
        await using var publisher = SteadyPublisher.Start(broker.Port, book, perSecond: 5_000);
        await UntilAsync(() => book.Sent >= messages);
        await publisher.StopAsync();
        return book;
    }

    static bool IsDrained(WorkerRig rig, SetFull book) => File.Exists(rig.File.Path)
        && rig.Count("SELECT count(*) FROM sample") >= book.Acknowledged.Count;

    static async Task EndAsync(WorkerRig rig, SetFull book, double mostMiB)
    {
        Assert.Equal(0, await rig.Worker.StopAsync());
        Assert.DoesNotContain("OutOfMemory", rig.Process.Output, StringComparison.Ordinal);
        book.Judge(rig.File).AssertClean();
        TestContext.Current.SendDiagnosticMessage($"{book.Sent} messages: {mostMiB:0} MiB resident at most");
        if (NightlyFactAttribute.IsNight)
            Assert.InRange(mostMiB, 0, 300);
    }

    /// <summary>A device that sends its next message when the last one is answered; the waits.</summary>
    static async Task<List<TimeSpan>> SendAsync(WorkerRig rig, SetFull book, string client)
    {
        const int messages = 30;
        using var device = await RawMqtt.ConnectAsync(rig.BrokerPort, client, "ada", "a");
        var took = new List<TimeSpan>();
        for (var i = 1; i <= messages; i++)
        {
            var id = book.Next();
            var began = TimeProvider.System.GetTimestamp();
            await device.SendAsync(RawMqtt.Publish(i, book.Topic, book.Message(id)));
            Assert.Equal(new Puback(i, 0), await device.ReadPubackAsync());
            took.Add(TimeProvider.System.GetElapsedTime(began));
            book.Answered(id, 0);
        }

        return took;
    }

    /// <summary>Reads until every packet but the one without an id is answered.</summary>
    static async Task AnswersAsync(RawMqtt link, SetFull book, long[] ids)
    {
        for (var answers = 1; answers < ids.Length;)
        {
            var packet = await link.ReadAsync();
            Assert.NotNull(packet);
            if (packet.Type != RawMqtt.PubackType)
                continue;
            book.Answered(ids[(packet.Body[0] << 8) | packet.Body[1]], 0);
            answers++;
        }
    }

    /// <summary>Ninety-nine of a hundred.</summary>
    static void AssertWithinTwoSeconds(IEnumerable<TimeSpan> took)
    {
        var sorted = took.Order().ToList();
        var p99 = sorted[sorted.Count * 99 / 100];
        TestContext.Current.SendDiagnosticMessage(
            $"{sorted.Count} answers, p50 {sorted[sorted.Count / 2].TotalMilliseconds:0} ms, "
            + $"p99 {p99.TotalMilliseconds:0} ms");
        Assert.InRange(p99, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }
}
