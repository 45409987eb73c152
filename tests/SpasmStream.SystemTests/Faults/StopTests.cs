using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>SIGTERM, whatever goes on: a clean end within ten seconds, and nothing lost.</summary>
public sealed class StopTests
{
    static readonly TimeSpan _tenSeconds = TimeSpan.FromSeconds(10);

    [Fact]
    public Task F42_Stopped_three_times_under_load_nothing_is_lost_or_doubled() => StopAsync(3);

    [NightlyFact]
    public Task F42_Stopped_50_times_under_load_nothing_is_lost_or_doubled() => StopAsync(50);

    [NightlyFact]
    public async Task F42_Stopped_50_times_behind_a_broker_that_is_not_ours()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await StopAsync(50, broker);
    }

    [Fact]
    public async Task F43_With_broker_and_InfluxDB_frozen_and_a_hanging_webhook_it_stops_and_forgets_nothing()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System,
            (_, post) => post.Number == 1 ? released.Task : Task.CompletedTask);
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = WorkerRig.Make(
            ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"),
            ("Influx:Url", influxd.Url), ("Influx:Database", "t"),
            ("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"),
            ("Notify:Webhooks:0:Url", receiver.Url), ("Notify:Webhooks:0:Secret", WebhookReceiver.Secret),
            ("Notify:Webhooks:0:AllowedHosts:0", "127.0.0.1"));
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                new OutChannel("webhook"), OutChannel.Mqtt);
        await rig.StartAgainAsync();
        await receiver.NextAsync();
        await rig.UntilAsync("SELECT count(*) FROM forward", 0);
        influxd.Process.Send(Signal.Stop);
        await using var load = SteadyLoad.Start(broker.Port);
        await load.MoreAsync(200, rig.Process);
        await rig.Process.WaitUntilAsync(
            _ => Task.FromResult(rig.Count("SELECT count(*) FROM sample") >= 100), "some in the file");
        broker.Process.Send(Signal.Stop);

        var code = await rig.Worker.StopAsync(_tenSeconds);

        Assert.True(code == 0, $"{code}: {rig.Process.Output}");
        Assert.Equal(0, rig.Count(
            "SELECT count(*) FROM outbox WHERE channel='webhook' AND state='delivered'"));
        Assert.NotEqual(0, rig.Count("SELECT count(*) FROM forward"));
        broker.Process.Send(Signal.Continue);
        // Let go on, it would still read what the worker left in its socket.
        await influxd.KillAsync();
        await influxd.StartAgainAsync();
        released.SetResult();
        await rig.StartAgainAsync();
        await rig.UntilAsync("SELECT count(*) FROM outbox WHERE state='delivered'", 2);
        Assert.Single(receiver.Effects);
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        await rig.UntilAsync("SELECT count(*) FROM forward", 0);
        load.AssertClean(rig);
        await influxd.AssertHoldsAsync(rig.File);
    }

    static async Task StopAsync(int times, MosquittoBroker? broker = null)
    {
        await using var rig = broker is null ? WorkerRig.Make()
            : WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        await using var load = broker is null ? SteadyLoad.Start(rig) : SteadyLoad.Start(broker.Port);
        for (var i = 0; i < times; i++)
        {
            await rig.StartAgainAsync();
            await load.MoreAsync(50, rig.Process);
            Assert.Equal(0, await rig.Worker.StopAsync(_tenSeconds));
        }

        await rig.StartAgainAsync();
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        load.AssertClean(rig);
    }
}
