using System.Globalization;

namespace SpasmStream.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>
    /// Seeds that failed once; each is a fault that must not come back. 4 (a gap that began too late), 5 and
    /// 7 (a wait that ended together with its time ended the loop), 9 (too much at once, on every connection).
    /// </summary>
    public static TheoryData<ulong> Failed => [4, 5, 7, 9];

    [Theory]
    [MemberData(nameof(Failed))]
    public void F32_A_seed_that_failed_once_does_not_fail_again(ulong seed)
    {
        var report = SimRun.Of(seed);
        Assert.True(report.Broken.Count == 0, report.ToString());
    }

    [Fact]
    public void F32_The_same_seed_gives_the_same_events()
    {
        for (var seed = 1UL; seed <= 20; seed++)
            Assert.Equal(SimRun.Of(seed).Hash, SimRun.Of(seed).Hash);
    }

    [Fact]
    public void F32_Nothing_acknowledged_is_lost_in_200_seeds() => Run(200);

    [NightlyFact]
    public void F32_Nothing_acknowledged_is_lost_in_10_000_seeds() => Run(10_000);

    [Fact]
    public void F32_One_seed_alone_tells_what_happened()
    {
        if (Environment.GetEnvironmentVariable("SPASMSTREAM_SEED") is not { Length: > 0 } text)
            text = "1";
        var lines = 0;
        var isAsked = Environment.GetEnvironmentVariable("SPASMSTREAM_SEED") is not null;
        var report = SimRun.Of(ulong.Parse(text, CultureInfo.InvariantCulture), line =>
        {
            lines++;
            if (isAsked)
                output.WriteLine(line);
        });
        Assert.True(report.Broken.Count == 0, report.ToString());
        Assert.True(lines > 1_000);
    }

    void Run(int seeds)
    {
        var failed = new List<SimReport>();
        long events = 0, messages = 0, lives = 0;
        for (var seed = 1UL; seed <= (ulong)seeds; seed++)
        {
            var report = SimRun.Of(seed);
            (events, messages, lives) = (events + report.Events, messages + report.Kept, lives + report.Lives);
            if (report.Broken.Count > 0)
                failed.Add(report);
        }

        output.WriteLine($"{seeds} seeds, {lives} lives, {messages} messages kept, {events} events");
        Assert.True(failed.Count == 0, $"{failed.Count} of {seeds} seeds failed: "
            + string.Join(", ", failed.Select(report => report.Plan.Seed)) + "\n"
            + string.Join("\n\n", failed.Take(3)));
    }
}
