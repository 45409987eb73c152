using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Influx;

/// <summary>
/// InfluxDB is killed under 200 messages a second: devices and alerts do not notice, and then it gets it all.
/// </summary>
public sealed class OutageUnderLoadTests
{
    const int Devices = 4;
    const int PerSecond = 200;
    const int RequestPoints = 5_000;
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    static long Now => TimeProvider.System.GetTimestamp();

    [Fact]
    public Task F18_Killed_under_load_it_gets_all_that_came_meanwhile() => KillAsync(TimeSpan.FromSeconds(3));

    [NightlyFact]
    public Task F18_A_minute_without_it_costs_no_acknowledgement_and_no_alert_its_time() =>
        KillAsync(TimeSpan.FromSeconds(60));

    static async Task KillAsync(TimeSpan gone)
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System);
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = await RaisedAsync(receiver, influxd);
        await using var load = SteadyLoad.Start(rig, PerSecond / Devices);
        await load.MoreAsync(2 * PerSecond, rig.Process);
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(Waiting(rig) < PerSecond), "forwarding");

        await influxd.KillAsync();
        var killed = Now;
        var alerts = new List<TimeSpan>();
        while (TimeProvider.System.GetElapsedTime(killed) < gone)
            alerts.Add(await AlertAsync(rig, receiver, alerts.Count));
        await influxd.StartAgainAsync();
        var back = Now;

        await rig.Process.WaitForLineAsync("InfluxDB takes what we send again", _patience);
        var (resumed, waited, before) = (Now, Waiting(rig), rig.Counter("PointsForwarded"));
        await rig.Process.WaitUntilAsync(
            _ => Task.FromResult(Waiting(rig) < PerSecond), "drained", _patience);
        // The first request of all was over when it said so.
        var drained = rig.Counter("PointsForwarded") - before - RequestPoints;
        var perSecond = drained / TimeProvider.System.GetElapsedTime(resumed).TotalSeconds;
        var acks = load.Took(killed);

        await EndAsync(rig, load, influxd);
        if (!NightlyFactAttribute.IsNight)
            return;
        var late = TimeProvider.System.GetElapsedTime(back, resumed);
        TestContext.Current.SendDiagnosticMessage($"{gone.TotalSeconds:0} s without: {acks.Count} acks, p50 "
            + $"{Part(acks, 0.5)}, p99 {Part(acks, 0.99)}, most {acks[^1].TotalMilliseconds:0} ms; "
            + $"{alerts.Count} alerts, p50 {Part(alerts, 0.5)}, p99 {Part(alerts, 0.99)}; back after "
            + $"{late.TotalSeconds:0.0} s, {waited} points waited, drained at {perSecond:0} a second");
        Assert.InRange(acks[(int)(acks.Count * 0.99)], TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        Assert.InRange(alerts.Max(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(perSecond, 5 * PerSecond, double.PositiveInfinity);
    }

    /// <summary>A worker that has sent an alert to the receiver: one that can be raised again.</summary>
    static async Task<WorkerRig> RaisedAsync(WebhookReceiver receiver, InfluxdProcess influxd)
    {
        var rig = WorkerRig.Make(("Influx:Url", influxd.Url), ("Influx:Database", "t"),
            ("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"), ("Notify:Mqtt", "false"),
            ("Notify:Webhooks:0:Url", receiver.Url), ("Notify:Webhooks:0:Secret", WebhookReceiver.Secret),
            ("Notify:Webhooks:0:AllowedHosts:0", "127.0.0.1"));
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                new OutChannel("webhook"));
        await rig.StartAgainAsync();
        await receiver.NextAsync();
        return rig;
    }

    /// <summary>How long an alert takes from its row in the outbox to the receiver.</summary>
    static async Task<TimeSpan> AlertAsync(WorkerRig rig, WebhookReceiver receiver, int number)
    {
        var began = Now;
        rig.Write($"""
            INSERT INTO outbox(key, channel, wearer, created, announcement, state, attempts, next, expires)
            SELECT 'again-{number}', channel, wearer, created, announcement, 'pending', 0, 0, expires
            FROM outbox WHERE key NOT LIKE 'again-%'
            """);
        await receiver.NextAsync();
        return TimeProvider.System.GetElapsedTime(began);
    }

    static async Task EndAsync(WorkerRig rig, SteadyLoad load, InfluxdProcess influxd)
    {
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        await rig.UntilAsync("SELECT count(*) FROM forward", 0, _patience);
        Assert.Equal(0, await rig.Worker.StopAsync());
        load.AssertClean(rig);
        await influxd.AssertHoldsAsync(rig.File);
    }

    static long Waiting(WorkerRig rig) =>
        rig.Counter("PointsJournalled") - rig.Counter("PointsForwarded");

    static string Part(List<TimeSpan> times, double part) =>
        $"{times.Order().ElementAt((int)(times.Count * part)).TotalMilliseconds:0} ms";
}
