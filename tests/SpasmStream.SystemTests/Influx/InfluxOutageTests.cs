using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Influx;

/// <summary>A real influxd that is down, killed or frozen under the forwarder's hands.</summary>
public sealed class InfluxOutageTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F18_While_it_is_down_everything_waits_and_then_all_of_it_goes()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(1000);
        await rig.UntilForwardedAsync();

        await influxd.KillAsync();
        rig.Commit(9000);
        await rig.UntilAsync(() => rig.State.Report.Link == InfluxLink.Waiting, "it is missed");
        Assert.True(rig.State.IsHealthy);
        await influxd.StartAgainAsync();
        await rig.UntilForwardedAsync();

        await rig.IsAllInAsync(influxd);
    }

    [Fact]
    public async Task F19_Killed_in_writes_it_holds_every_value_once()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(1000);
        await KillInWritesAsync(influxd, rig, 5);

        await rig.IsAllInAsync(influxd);
    }

    [NightlyFact]
    public async Task F19_Killed_twenty_times_in_writes_it_holds_every_value_once()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(1000);
        await KillInWritesAsync(influxd, rig, 20);

        await rig.IsAllInAsync(influxd);
    }

    static async Task KillInWritesAsync(InfluxdProcess influxd, ForwardingRig rig, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            rig.Commit(20_000);
            var before = rig.Journal.Forwarded;
            await rig.UntilAsync(() => rig.Journal.Forwarded > before, "it writes");
            await influxd.KillAsync();
            rig.Commit(1000);
            await influxd.StartAgainAsync();
        }

        await rig.UntilForwardedAsync();
    }

    [Fact]
    public Task F20_A_frozen_one_is_given_up_after_ten_seconds_and_holds_everything_later() =>
        FreezeAsync(TimeSpan.Zero);

    [NightlyFact]
    public async Task F20_Half_a_minute_frozen_no_attempt_takes_longer_than_ten_seconds()
    {
        var began = TimeProvider.System.GetTimestamp();
        await FreezeAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 30, 75);
    }

    static async Task FreezeAsync(TimeSpan further)
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(1000);
        await rig.UntilForwardedAsync();

        influxd.Process.Send(Signal.Stop);
        rig.Commit(9000);
        await rig.UntilAsync(() => rig.State.Report.Link == InfluxLink.Waiting, "an attempt ended");
        await Task.Delay(further, Stop);
        influxd.Process.Send(Signal.Continue);
        await rig.UntilForwardedAsync();

        await rig.IsAllInAsync(influxd);
    }
}
