using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Influx;

/// <summary>Verbs of the command line beside a real influxd.</summary>
public sealed class InfluxVerbTests
{
    [Fact]
    public async Task F23_The_doctor_reaches_it_and_reads_its_canary_back()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = WorkerRig.Make(("Influx:Url", influxd.Url));

        var (_, told) = await rig.VerbAsync("doctor");

        Assert.Contains("answers: InfluxDB 1.", told, StringComparison.Ordinal);
        Assert.Contains("It took a point for spasmstream, and has it.", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task I7_The_doctor_says_that_a_password_is_wrong_and_not_which()
    {
        await using var influxd = await InfluxdProcess.StartAsync(new() { Auth = true });
        await using var rig = WorkerRig.Make(("Influx:Url", influxd.Url), ("Influx:User", "root"),
            ("Influx:Password", "hunter2"));

        var (code, told) = await rig.VerbAsync("doctor");
        var (_, shown) = await rig.VerbAsync("config", "show");

        Assert.NotEqual(0, code);
        Assert.Contains("InfluxDB does not accept our user name, password or token.", told,
            StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", told + shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F18_The_worker_starts_and_acknowledges_with_an_influxd_that_is_away()
    {
        await using var rig = await WorkerRig.StartAsync(
            ("Influx:Url", $"http://127.0.0.1:{FreePort.Next()}"));
        using var ada = await rig.AdaAsync();

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));

        Assert.Equal(1, (await ada.ReadPubackAsync()).PacketId);
        Assert.Equal(0, await rig.Worker.StopAsync());
    }

    [Fact]
    public async Task F18_What_was_acknowledged_is_in_influxd_under_a_pseudonym()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = await WorkerRig.StartAsync(
            ("Influx:Url", influxd.Url), ("Influx:Database", "t"));
        using var ada = await rig.AdaAsync();
        var now = WorkerRig.Now;

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(now, 61)));
        await ada.ReadPubackAsync();
        await rig.Process.WaitUntilAsync(
            async _ => (await influxd.AskAsync("SHOW DATABASES")).Count > 0
                && await influxd.NumberAsync("SELECT count(value) FROM heart_rate") == 1, "in influxd");

        var row = Assert.Single(await influxd.AskAsync("SELECT value, wearer FROM heart_rate"));
        Assert.Equal((now, 61.0, rig.Text("SELECT pseudonym FROM wearer WHERE name='ada'")),
            (row[0].GetInt64(), row[1].GetDouble(), row[2].GetString()));
        Assert.Equal(0, await rig.Worker.StopAsync());
    }
}
