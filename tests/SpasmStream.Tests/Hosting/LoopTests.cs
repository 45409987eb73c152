using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Hosting;

/// <summary>Every loop is heard of while it goes round, and missed when it stands still.</summary>
public sealed class LoopTests
{
    static readonly (string, string)[] _elsewhere = [("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", "9")];

    [Theory(Timeout = 60_000)]
    [InlineData("OutboxExpiry", "expiry")]
    [InlineData("MqttNotifier", "out")]
    [InlineData("Dispatcher", "notify mqtt")]
    [InlineData("GapLoop", "gaps")]
    [InlineData("Pipeline", "pipeline")]
    [InlineData("AccessLoop", "access")]
    [InlineData("RetentionLoop", "retention")]
    [InlineData("HealthLoop", "health")]
    [InlineData("MqttIntake", "intake")]
    public async Task F45_A_loop_that_stands_still_is_missed_within_35_seconds(string type, string name)
    {
        var stop = TestContext.Current.CancellationToken;
        var time = new FrozenTime(Some.Start);
        await using var rig = new LoopRig(time, type == "MqttIntake" ? _elsewhere : []);
        await rig.StartAsync(rig.Loops.First(loop => loop.GetType().Name == type));
        while (rig.Beats.All(beat => beat.Loop != name))
            await Task.Delay(1, stop);
        Assert.True(rig.Health.IsLive);

        // It may still be on its way to where it will stand.
        while (rig.Health.IsLive)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, stop);
        }

        Assert.Equal(name, rig.Health.Stuck);
        Assert.InRange(rig.Beats.Single(beat => beat.Loop == name).Since,
            TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(35));
        Assert.False(rig.Health.IsReady);
    }

    [Fact(Timeout = 60_000)]
    public async Task F45_An_assessment_that_stands_still_is_missed()
    {
        var stop = TestContext.Current.CancellationToken;
        using var store = new TempStore();
        await store.AppendAsync(Some.Message(
            $$"""{"v":1,"t":{{Some.Ms(0)}},"stress":6}""", topic: "spasmstream/v1/in/ada/diary/state"));
        var time = new FakeTimeProvider((Some.Start + Duration.FromHours(2)).ToDateTimeOffset());
        var heartbeats = new Heartbeats(time);
        var intake = Options.Create(new IntakeOptions());
        using var queue = new AssessQueue();
        using var gate = new ManualResetEventSlim();
        using var loop = new AssessLoop(queue, new DeliveryQueue(intake, new ArrivalClock(time)), store.File,
            store.Writer, new WearerDirectory([], admitsStrangers: true, "Europe/Berlin"), (_, _) =>
            {
                gate.Wait();
                return null;
            }, new AssessState(), [], intake, heartbeats, time, NullLogger<AssessLoop>.Instance);
        await loop.StartAsync(stop);

        await UntilStuckAsync(time, new Health(heartbeats), "assess", stop);

        gate.Set();
        await loop.StopAsync(stop);
    }

    [Fact(Timeout = 60_000)]
    public async Task F45_A_writer_that_stands_still_is_missed_and_nobody_who_waits_for_it()
    {
        var stop = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider(Some.Start.ToDateTimeOffset());
        await using var rig = new LoopRig(time);
        foreach (var loop in rig.Loops)
            await rig.StartAsync(loop);
        using var gate = new ManualResetEventSlim();
        var stuck = rig.Get<StoreWriter>().RunAsync(_ => { gate.Wait(); return 0; }, stop);

        while (rig.Health.IsLive)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            // Everybody else gets round.
            while (rig.Beats.Any(beat => beat.Loop != "writer" && beat.Since > TimeSpan.FromSeconds(5)))
                await Task.Delay(1, stop);
        }

        Assert.Equal("writer", rig.Health.Stuck);
        gate.Set();
        await stuck;
    }

    [Fact(Timeout = 120_000)]
    public async Task D17_Every_loop_is_heard_of_every_five_seconds_under_a_name_of_its_own()
    {
        var stop = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider(Some.Start.ToDateTimeOffset());
        await using var rig = new LoopRig(time, _elsewhere);
        foreach (var loop in rig.Loops)
            await rig.StartAsync(loop);
        string[] names = ["access", "assess", "expiry", "gaps", "health", "intake", "notify mqtt",
            "notify webhook", "out", "pipeline", "retention", "writer"];
        while (rig.Beats.Count < names.Length)
            await Task.Delay(1, stop);

        // More than a minute, so that the nightly work of the first minute is among it.
        for (var second = 0; second < 70; second++)
        {
            // It waits for work in seconds of the machine, and goes round when it gets some.
            await rig.Get<StoreWriter>().RunAsync(_ => 0, stop);
            time.Advance(TimeSpan.FromSeconds(1));
            while (rig.Beats.Any(beat => beat.Since > TimeSpan.FromSeconds(5)))
                await Task.Delay(1, stop);
            Assert.True(rig.Health.IsLive, rig.Health.Stuck);
        }

        Assert.Equal(names, rig.Beats.Select(beat => beat.Loop));
        // One for each loop and one for the writer: whoever adds a loop gives it a heartbeat.
        Assert.Equal(rig.Loops.Count + 1, names.Length);
    }

    [Fact]
    public void D17_A_loop_is_dead_after_thirty_seconds_and_not_before()
    {
        var time = new FakeTimeProvider();
        var heartbeats = new Heartbeats(time);
        var health = new Health(heartbeats) { IsReady = true };
        heartbeats.Beat("one");
        time.Advance(TimeSpan.FromSeconds(20));
        heartbeats.Beat("two");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(health.IsReady);

        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("one", health.Stuck);
        Assert.False(health.IsReady);
        heartbeats.Beat("one");
        Assert.True(health.IsReady);
    }

    static async Task UntilStuckAsync(
        FakeTimeProvider time, Health health, string loop, CancellationToken stop)
    {
        while (health.IsLive)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, stop);
        }

        Assert.Equal(loop, health.Stuck);
    }
}
