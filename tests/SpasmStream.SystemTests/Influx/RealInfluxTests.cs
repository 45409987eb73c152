using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Influx;

/// <summary>The forwarder and a real influxd 1.x: what it answers, and what it then holds.</summary>
public sealed class RealInfluxTests
{
    [Fact]
    public async Task F23_A_fresh_influxd_gets_its_database_and_everything()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);

        await rig.StartAsync(12_000);
        await rig.UntilForwardedAsync();

        await rig.IsAllInAsync(influxd);
        Assert.Equal(InfluxLink.Good, rig.State.Report.Link);
    }

    [Fact]
    public async Task F23_Without_leave_to_make_it_everything_waits_for_the_database()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        var options = influxd.Options;
        options.CreateDatabase = false;
        await using var rig = new ForwardingRig(options);

        await rig.StartAsync(100);
        await rig.UntilAsync(() => !rig.State.IsHealthy, "paused");

        Assert.Equal(100, rig.Journal.Waiting);
        Assert.Contains("CreateDatabase", rig.State.Words(), StringComparison.Ordinal);
        Assert.Empty(await influxd.AskAsync("SHOW DATABASES"));
    }

    [Fact]
    public async Task I1_What_was_taken_survives_kill_9()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(5000);
        await rig.UntilForwardedAsync();

        await influxd.KillAsync();
        await influxd.StartAgainAsync();

        await rig.IsAllInAsync(influxd);
    }

    [Fact]
    public async Task F24_One_line_of_another_type_among_5000_is_one_dead_letter()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await influxd.AskAsync("CREATE DATABASE t");
        using var link = new InfluxHttp(influxd.Options, TimeProvider.System);
        await link.WriteAsync(Encoding.ASCII.GetBytes(
            "steps,device=watch,wearer=p1 value=\"text\" 1700000000000\n"), Stop);
        await using var rig = new ForwardingRig(influxd.Options);
        var wrong = new ForwardSeries("p1", new Series("watch", Core.Signals.Signal.Steps, Stat.Raw, ""));
        rig.Commit(3000);
        rig.Commit([rig.Sample(7) with { Series = wrong, Start = ForwardingRig.Begin }]);
        rig.Commit(1999);

        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();

        var (sample, why) = Assert.Single(rig.Journal.Refused);
        Assert.Equal((wrong, AnswerSort.TypeConflict), (sample.Series, why.Reason));
        await rig.IsAllInAsync(influxd);
    }

    [Fact]
    public async Task F27_Every_line_of_another_type_pauses_until_it_is_repaired()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await influxd.AskAsync("CREATE DATABASE t");
        using var link = new InfluxHttp(influxd.Options, TimeProvider.System);
        // One shard group has one type a field; the samples lie in another week each.
        await link.WriteAsync(Encoding.ASCII.GetBytes(
            $"heart_rate,device=x value=\"text\" {ForwardingRig.Begin}\n"), Stop);
        await using var rig = new ForwardingRig(influxd.Options);

        await rig.StartAsync(200);
        await rig.UntilAsync(() => !rig.State.IsHealthy, "paused");

        Assert.Equal(200, rig.Journal.Waiting);
        Assert.Empty(rig.Journal.Refused);
        Assert.Contains("type", rig.State.Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task I5_What_it_keeps_no_more_is_a_dead_letter()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await influxd.AskAsync("CREATE DATABASE t WITH DURATION 1h");
        await using var rig = new ForwardingRig(influxd.Options);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        rig.Commit([.. Enumerable.Range(0, 60).Select(i => rig.Sample(i) with { Start = now - i }),
            .. Enumerable.Range(0, 60).Select(i => rig.Sample(i) with { Start = ForwardingRig.Begin + i })]);

        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();

        Assert.Equal(60, await influxd.NumberAsync("SELECT count(value) FROM heart_rate"));
        Assert.Equal(60, rig.Journal.Refused.Count(it => it.Why.Reason == AnswerSort.BeyondRetention));
        Assert.Equal(60, rig.Journal.Refused.Count);
    }

    [Fact]
    public async Task F26_A_limit_of_100_kB_is_found_and_kept()
    {
        await using var influxd = await InfluxdProcess.StartAsync(new() { BodyMost = 100_000 });
        await using var rig = new ForwardingRig(influxd.Options);

        await rig.StartAsync(12_000);
        await rig.UntilForwardedAsync();

        await rig.IsAllInAsync(influxd);
        Assert.InRange(rig.Door.Pace.BytesMost, 25_000, 100_000);
        Assert.Empty(rig.Journal.Refused);
    }

    [Fact]
    public async Task B20_Fifty_thousand_random_names_are_fifty_thousand_series_and_no_more()
    {
        const int count = 50_000;
        var random = new Random(20261122);
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        rig.Commit(Enumerable.Range(0, count).Select(i => rig.Sample(i) with
        {
            Start = ForwardingRig.Begin,
            Duration = 60_000,
            Series = new ForwardSeries("p1", new Series(
                $"{i:x}{Word(random)}", Core.Signals.Signal.Steps, Stat.Sum, Word(random))),
        }));

        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();

        Assert.Empty(rig.Journal.Refused);
        Assert.Equal(count, await influxd.NumberAsync("SELECT count(value) FROM steps"));
        Assert.Equal(count * (count - 1.0) / 2, await influxd.NumberAsync("SELECT sum(value) FROM steps"));
        Assert.Equal(["steps"], Words(await influxd.AskAsync("SHOW MEASUREMENTS")));
        Assert.Equal(["device", "res", "source", "stat", "wearer"],
            Words(await influxd.AskAsync("SHOW TAG KEYS")));
        Assert.Equal(["dur_ms", "recv", "value"], Words(await influxd.AskAsync("SHOW FIELD KEYS")));
    }

    [Fact]
    public async Task F28_The_canary_is_read_back_from_a_real_one()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await influxd.AskAsync("CREATE DATABASE t");
        using var link = new InfluxHttp(influxd.Options, TimeProvider.System);

        Assert.Equal(CanaryAnswer.Found, await CanaryLoop.TryAsync(link, TimeProvider.System, Stop));
        Assert.Equal(CanaryAnswer.Missing, await link.ReadCanaryAsync(1_600_000_000_000, Stop));
    }

    [Fact]
    public async Task A_compressed_body_is_the_same_points()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        var options = influxd.Options;
        options.Gzip = true;
        await using var rig = new ForwardingRig(options);

        await rig.StartAsync(6000);
        await rig.UntilForwardedAsync();

        await rig.IsAllInAsync(influxd);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static IEnumerable<string> Words(List<System.Text.Json.JsonElement[]> rows) =>
        rows.Select(row => row[0].GetString()!).Distinct().Order(StringComparer.Ordinal);

    static string Word(Random random)
    {
        const string alphabet = ",= \"\\\n\r\t#%'/;:|äß日time";
        return string.Concat(Enumerable.Range(0, random.Next(1, 12))
            .Select(_ => alphabet[random.Next(alphabet.Length)]));
    }
}
