using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>What befalls that which goes out.</summary>
public sealed class OutFaultTests
{
    const string Status = "spasmstream/v1/out/worker/status";

    [Fact]
    public async Task F53_An_alert_that_the_broker_refuses_counts_as_failed_and_goes_out_once_it_is_allowed()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoSettings
        {
            Acl = "topic readwrite spasmstream/v1/in/#\ntopic readwrite spasmstream/v1/out/worker/#\n"
                + "topic read spasmstream/v1/out/#\n",
        });
        await using var rig = WorkerRig.Make(
            ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"),
            ("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"));
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                OutChannel.Mqtt);
        var began = TimeProvider.System.GetTimestamp();
        await rig.StartAgainAsync();

        await rig.Process.WaitForLineAsync("Channel mqtt failed (the broker refused it)");
        if (NightlyFactAttribute.IsNight)
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        // Told before it is written down, and tried again after five seconds.
        await rig.UntilAsync("SELECT count(*) FROM outbox WHERE state='pending' AND attempts>=1", 1);
        Assert.False(rig.Process.HasExited);

        broker.Write("acl", "topic readwrite spasmstream/#\n");
        broker.Process.Send(Signal.Reload);
        await rig.UntilAsync("SELECT count(*) FROM outbox WHERE state='delivered' AND receipt='puback'", 1);
    }

    [Fact]
    public Task F55_A_worker_whose_machine_is_gone_is_said_to_be_offline() => GoneAsync(keepAlive: 2, null);

    [NightlyFact]
    public Task F55_A_worker_whose_machine_is_gone_is_offline_after_one_and_a_half_keep_alives() =>
        // mosquitto looks every few seconds.
        GoneAsync(keepAlive: 10, TimeSpan.FromSeconds(15 + 5));

    static async Task GoneAsync(int keepAlive, TimeSpan? within)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port);
        await using var probe = await MqttProbe.ConnectAsync(broker.Port);
        await using var rig = await WorkerRig.StartAsync(
            proxy.Port, ("Mqtt:KeepAliveSeconds", $"{keepAlive}"));
        await broker.Process.WaitForLineAsync("as spasmstream-out");
        await probe.SubscribeAsync(Status);
        Assert.Equal("online", (await probe.NextAsync()).Payload);

        // No end of the connection comes through: a pulled plug.
        proxy.Blackhole = true;
        rig.Process.Send(Signal.Kill);
        var began = TimeProvider.System.GetTimestamp();

        Assert.Equal("offline", (await probe.NextAsync(TimeSpan.FromMinutes(1))).Payload);
        if (within is { } most)
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, most);
        await using var later = await MqttProbe.ConnectAsync(broker.Port, "later");
        await later.SubscribeAsync(Status);
        Assert.Equal(new Received(Status, "offline", true), await later.NextAsync());
    }
}
