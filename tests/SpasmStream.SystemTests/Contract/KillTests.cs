using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>kill -9 under load, five times: nothing acknowledged is lost, doubled or changed.</summary>
public sealed class KillTests
{
    [Fact]
    public async Task F30_Killed_under_load_everything_mosquitto_acknowledged_is_stored_exactly_once()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        await KillUnderLoadAsync(rig, broker.Port);
    }

    [Fact]
    public async Task F30_Killed_under_load_everything_is_in_InfluxDB_too_and_counted_as_such()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"),
            ("Influx:Url", influxd.Url), ("Influx:Database", "t"));
        await rig.StartAgainAsync();
        await KillUnderLoadAsync(rig, broker.Port);
        await rig.Process.WaitUntilAsync(
            _ => Task.FromResult(rig.Count("SELECT count(*) FROM forward") == 0), "all forwarded");
        Assert.Equal(rig.Count("SELECT count(*) FROM sample"),
            await influxd.NumberAsync("SELECT count(value) FROM heart_rate"));
        Assert.Equal(rig.Count("SELECT value FROM counter WHERE name='PointsJournalled'"),
            rig.Count("SELECT value FROM counter WHERE name='PointsForwarded'"));
    }

    [Fact]
    public async Task F62_Killed_under_load_everything_the_embedded_broker_acknowledged_is_in_the_file()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var load = await Publishers.StartAsync(rig.BrokerPort, ("ada", "a"), devices: 20);
        await KillFiveTimesAsync(rig, load);
        await rig.Worker.KillAsync();
        await load.StopAsync();

        load.AssertKept(rig);
    }

    static async Task KillUnderLoadAsync(WorkerRig rig, int broker)
    {
        using var load = await Publishers.StartAsync(broker);
        await KillFiveTimesAsync(rig, load);
        await load.StopAsync();

        var all = load.Acknowledged;
        await rig.Process.WaitUntilAsync(
            _ => Task.FromResult(!all.Except(rig.Column("SELECT t FROM sample")).Any()), "all stored");
        load.AssertKept(rig);
    }

    static async Task KillFiveTimesAsync(WorkerRig rig, Publishers load)
    {
        for (var kill = 0; kill < 5; kill++)
        {
            var (published, stored) = (load.Acknowledged.Count, rig.Count("SELECT count(*) FROM sample"));
            await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.Acknowledged.Count > published + 40
                && rig.Count("SELECT count(*) FROM sample") > stored + 20), "under load");
            await rig.Worker.KillAsync();
            await rig.StartAgainAsync();
        }
    }
}
