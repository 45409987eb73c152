using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Influx;

/// <summary>The forwarder and a real VictoriaMetrics.</summary>
public sealed class VictoriaTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I1_VictoriaMetrics_is_known_by_itself_and_holds_everything()
    {
        await using var victoria = await VictoriaProcess.StartAsync();
        await using var rig = new ForwardingRig(victoria.Options);

        await rig.StartAsync(6000);
        await rig.UntilForwardedAsync();

        Assert.Equal((InfluxVersion.Victoria, null), await rig.Link.VersionAsync(Stop));
        var line = Assert.Single(await victoria.ExportAsync("heart_rate_value"));
        using var series = System.Text.Json.JsonDocument.Parse(line);
        Assert.Equal("p1", series.RootElement.GetProperty("metric").GetProperty("wearer").GetString());
        Assert.Equal(Enumerable.Range(0, 6000).Select(i => (double)i),
            series.RootElement.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal(Enumerable.Range(0, 6000).Select(i => ForwardingRig.Begin + (i * 1000L)),
            series.RootElement.GetProperty("timestamps").EnumerateArray().Select(at => at.GetInt64()));
    }

    [Fact]
    public async Task F28_What_answers_no_InfluxQL_is_not_asked_for_the_canary()
    {
        await using var victoria = await VictoriaProcess.StartAsync();
        using var link = new InfluxHttp(victoria.Options, TimeProvider.System);

        Assert.Equal(CanaryAnswer.Unknown, await CanaryLoop.TryAsync(link, TimeProvider.System, Stop));
    }

    [Fact]
    public async Task S27_A_wearer_who_is_erased_is_in_no_answer_and_others_are()
    {
        await using var victoria = await VictoriaProcess.StartAsync();
        await using var rig = new ForwardingRig(victoria.Options);
        rig.Commit([rig.Sample(1), rig.Sample(2) with { Series = rig.Series with { Wearer = "p2" } }]);
        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();
        Assert.Equal(2, (await victoria.ExportAsync("heart_rate_value")).Length);

        var erased = await new InfluxErase(victoria.Options, rig.Link).RunAsync(["p1"], Stop);

        Assert.Equal("scheduled", erased.State);
        Assert.Contains("\"p2\"", Assert.Single(await victoria.ExportAsync("heart_rate_value")),
            StringComparison.Ordinal);
    }
}
