using System.Net;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>A loop that fails ends the worker, and one that stands still is told to whoever asks.</summary>
public sealed class LoopFaultTests
{
    static readonly TimeSpan _tenSeconds = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("gaps")]
    [InlineData("writer")]
    [InlineData("pipeline")]
    public Task F44_A_fault_in_a_loop_is_70(string loop) => FailAsync(loop, TimeSpan.FromSeconds(30));

    [NightlyTheory]
    [InlineData("access")]
    [InlineData("assess")]
    [InlineData("expiry")]
    [InlineData("gaps")]
    [InlineData("health")]
    [InlineData("notify mqtt")]
    [InlineData("out")]
    [InlineData("pipeline")]
    [InlineData("retention")]
    [InlineData("writer")]
    public Task F44_A_fault_in_a_loop_is_70_within_ten_seconds(string loop) => FailAsync(loop, _tenSeconds);

    [NightlyFact]
    public async Task F44_A_fault_in_the_loop_that_receives_is_70_within_ten_seconds()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await FailAsync("intake", _tenSeconds, ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
    }

    [NightlyTheory]
    [InlineData("access")]
    [InlineData("assess")]
    [InlineData("expiry")]
    [InlineData("gaps")]
    [InlineData("health")]
    [InlineData("notify mqtt")]
    [InlineData("out")]
    [InlineData("pipeline")]
    [InlineData("retention")]
    [InlineData("writer")]
    public Task F45_A_loop_that_stands_still_is_told_within_35_seconds_and_holds_no_stop_up(string loop) =>
        StandAsync(loop);

    [NightlyFact]
    public async Task F45_The_loop_that_receives_stands_still_and_is_told_within_35_seconds()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await StandAsync("intake", ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
    }

    static async Task FailAsync(string loop, TimeSpan within, params (string, string)[] settings)
    {
        await using var rig = WorkerRig.Make(settings);
        // The writer serves the start already; a fault there is one of the start.
        rig.Failpoints = $"loop_{loop}=throw{(loop == "writer" ? "@5" : "")}";
        await rig.StartAgainAsync(ready: false);

        Assert.Equal(70, await rig.Process.ExitAsync(within + TimeSpan.FromSeconds(5)));
        Assert.Contains("A loop has failed, so the worker ended", rig.Process.Output,
            StringComparison.Ordinal);
    }

    static async Task StandAsync(string loop, params (string, string)[] settings)
    {
        await using var rig = WorkerRig.Make(settings);
        rig.Failpoints = $"loop_{loop}=delay:600000@3";
        await rig.StartAgainAsync(ready: false);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await AsksAsync(rig, http, HttpStatusCode.OK, _tenSeconds * 3);

        // The third passing is at most ten seconds away.
        await AsksAsync(rig, http, HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(45));
        if (loop != "health")
            await rig.Process.WaitForLineAsync($"The loop '{loop}' stands still", _tenSeconds);
        Assert.Equal(0, await rig.Worker.StopAsync(_tenSeconds));
    }

    static Task AsksAsync(WorkerRig rig, HttpClient http, HttpStatusCode wanted, TimeSpan within) =>
        rig.Process.WaitUntilAsync(async stop =>
        {
            try
            {
                using var live = await http.GetAsync(new Uri(rig.Page, "/health/live"), stop);
                return live.StatusCode == wanted;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, $"{wanted}", within);
}
