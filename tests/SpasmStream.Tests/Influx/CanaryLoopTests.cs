using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

public sealed class CanaryLoopTests
{
    [Fact]
    public async Task I10_Whoever_is_told_to_wait_sends_no_canary_meanwhile_either()
    {
        await using var rig = new ForwardRig((_, _) => new InfluxAnswer(429, TimeSpan.FromSeconds(200)));
        rig.Commit(1);
        await rig.StartAsync();
        await rig.AtOnceAsync(() => rig.State.Report.Link == InfluxLink.Waiting, "it is told to wait");

        await rig.StartCanaryAsync();
        await rig.PassAsync(TimeSpan.FromSeconds(100));

        Assert.Single(rig.Link.Requests);
    }

    [Fact]
    public async Task F28_A_point_that_was_taken_and_is_not_there_is_found_within_five_minutes()
    {
        await using var rig = new ForwardRig((_, _) => new InfluxAnswer(204));
        await rig.StartCanaryAsync();
        await rig.PassAsync(TimeSpan.FromSeconds(5));
        Assert.True(rig.State.IsHealthy);

        rig.Link.Canary = CanaryAnswer.Missing;
        await rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.False(rig.State.IsHealthy);
        Assert.True(rig.State.IsCanaryMissing);

        rig.Link.Canary = CanaryAnswer.Found;
        await rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.True(rig.State.IsHealthy);
    }
}
