using System.Globalization;

namespace SpasmStream.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>
    /// Seeds that failed once; each is a fault that must not come back. 4 (a gap that began too late), 5 and
    /// 7 (a wait that ended together with its time ended the loop), 9 (too much at once, on each connection).
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
        // Each has a time and a thread of its own.
        var reports = Enumerable.Range(1, seeds).AsParallel().AsOrdered()
            .Select(seed => SimRun.Of((ulong)seed)).ToList();
        output.WriteLine($"{seeds} seeds, {reports.Sum(report => (long)report.Lives)} lives, "
            + $"{reports.Sum(report => (long)report.Kept)} messages kept, "
            + $"{reports.Sum(report => (long)report.Events)} events");
        var failed = reports.FindAll(report => report.Broken.Count > 0);
        Assert.True(failed.Count == 0, $"{failed.Count} of {seeds} seeds failed: "
            + string.Join(", ", failed.Select(report => report.Plan.Seed)) + "\n"
            + string.Join("\n\n", failed.Take(3)));
    }
}
