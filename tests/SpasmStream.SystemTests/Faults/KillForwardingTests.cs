using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// The worker is killed under load while it sends on to InfluxDB: what was acknowledged is in the store and
/// there, once each and with its value.
/// </summary>
public sealed class KillForwardingTests
{
    const int Killed = 137;
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("before_forward")]
    [InlineData("after_forward_before_mark")]
    public Task F30_Killed_while_it_sends_on_InfluxDB_holds_what_the_store_holds(string place) =>
        KillAsync(place, kills: 2);

    [NightlyTheory]
    [InlineData("before_forward")]
    [InlineData("after_forward_before_mark")]
    public Task F30_Killed_25_times_while_it_sends_on(string place) => KillAsync(place, kills: 25);

    static async Task KillAsync(string place, int kills)
    {
        var random = new Random(kills);
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = WorkerRig.Make(("Influx:Url", influxd.Url), ("Influx:Database", "t"));
        await using var load = SteadyLoad.Start(rig);
        for (var kill = 0; kill < kills; kill++)
        {
            rig.Failpoints = $"{place}=kill@{random.Next(1, 20)}";
            await rig.StartAgainAsync(ready: false);
            Assert.Equal(Killed, await rig.Process.ExitAsync(_patience));
        }

        rig.Failpoints = "";
        await rig.StartAgainAsync();
        await load.MoreAsync(200, rig.Process);
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        await rig.UntilAsync("SELECT count(*) FROM forward", 0, _patience);
        Assert.Equal(0, await rig.Worker.StopAsync());

        load.AssertClean(rig);
        await influxd.AssertHoldsAsync(rig.File);
        Assert.Equal(rig.Counter("PointsJournalled"), rig.Counter("PointsForwarded"));
        Assert.Empty(rig.File.Faults(quick: false));
    }
}
