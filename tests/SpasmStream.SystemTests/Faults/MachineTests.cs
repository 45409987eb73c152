using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>A slow disk, little memory, no time to compute.</summary>
public sealed class MachineTests
{
    [Fact]
    public Task F40_F47_Behind_a_slow_disk_and_with_little_memory_a_backlog_is_stored_once() =>
        DrainAsync(messages: 1_000, within: TimeSpan.FromSeconds(60));

    [NightlyFact]
    public Task F40_F47_A_hundred_thousand_messages_behind_a_slow_disk_in_256_mebibytes() =>
        DrainAsync(messages: 100_000, within: TimeSpan.FromMinutes(15));

    [NightlyFact]
    public async Task F40_At_200_messages_a_second_a_commit_of_half_a_second_costs_at_most_two()
    {
        await using var rig = WorkerRig.Make();
        rig.Failpoints = "before_commit=delay:500";
        await rig.StartAgainAsync();
        var book = new SetFull();
        await using var publisher = SteadyPublisher.Start(
            rig.BrokerPort, book, perSecond: 40, "ada:0", ("ada", "a"));
        await Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        using var ada = await rig.AdaAsync();
        for (var i = 1; i <= 20; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            await ada.SendAsync(RawMqtt.Publish(i, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            Assert.Equal(new Puback(i, 0), await ada.ReadPubackAsync());
            Assert.InRange(
                TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }

        await publisher.StopAsync();
        book.Judge(rig.File).AssertClean();
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
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        await rig.StartAgainAsync();
        await rig.Process.WaitForLineAsync("Listening to the broker");
        Assert.Equal(0, await rig.Worker.StopAsync());
        var book = new SetFull();
        await using (var publisher = SteadyPublisher.Start(broker.Port, book, perSecond: 5_000))
        {
            await UntilAsync(() => book.Sent >= messages);
            await publisher.StopAsync();
        }

        rig.Failpoints = "before_commit=delay:500";
        rig.InFront = ["env", "DOTNET_GCHeapHardLimit=0x10000000"];
        await rig.StartAgainAsync(ready: false);
        var most = 0.0;
        await rig.Process.WaitUntilAsync(_ =>
        {
            most = Math.Max(most, rig.Process.ResidentMiB);
            return Task.FromResult(File.Exists(rig.File.Path)
                && rig.Count("SELECT count(*) FROM sample") >= book.Acknowledged.Count);
        }, "all stored", within);

        rig.Failpoints = "";
        Assert.Equal(0, await rig.Worker.StopAsync());
        Assert.DoesNotContain("OutOfMemory", rig.Process.Output, StringComparison.Ordinal);
        book.Judge(rig.File).AssertClean();
        Assert.Equal(book.Sent, rig.Count("SELECT count(*) FROM sample"));
        TestContext.Current.SendDiagnosticMessage($"{messages} messages: {most:0} MiB resident at most");
        if (NightlyFactAttribute.IsNight)
            Assert.InRange(most, 0, 300);
    }

    static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }
}
