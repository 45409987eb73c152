using SpasmStream.Core.Signals;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Influx;

/// <summary>What is read back from a real influxd, and what may not be asked of it.</summary>
public sealed class InfluxHistoryTests
{
    static readonly Instant _begin = Instant.FromUnixTimeMilliseconds(ForwardingRig.Begin);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_forwarded_is_read_back_as_it_was()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        var series = new ForwardSeries(
            "p1", new Series("watch", Core.Signals.Signal.HeartRate, Stat.Mean, "a, b=c%"));
        var instant = new ForwardSample(series, ForwardingRig.Begin + 120_000, 0, 63, 44, double.NaN,
            ForwardSample.NoOffset, Gone: true);
        rig.Commit([new(series, ForwardingRig.Begin, 60_000, 61.25, 42, 0.5, -300, Gone: false),
            instant with { Start = ForwardingRig.Begin + 60_000, Duration = 1_234, Value = 62,
                Received = 43, Gone = false },
            instant]);
        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();

        var samples = await Read(rig, "p1", Duration.FromHours(1));

        Assert.Equal(2, samples.Count);
        Assert.Equal(new Sample
        {
            Series = series.Series, Start = _begin, Duration = Duration.FromMinutes(1), Value = 61.25,
            Received = Instant.FromUnixTimeMilliseconds(42), Quality = 0.5, OffsetMinutes = -300,
        }, samples[0]);
        // What came before its own end is not prompt, and says when it came.
        Assert.Equal(43, samples[1].Received.ToUnixTimeMilliseconds());
        Assert.Equal((1_234.0, 62.0, null, null), (samples[1].Duration.TotalMilliseconds, samples[1].Value,
            samples[1].Quality, samples[1].OffsetMinutes));
    }

    [Fact]
    public async Task When_a_late_column_came_is_known_of_each_of_it_wherever_the_range_begins()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        var late = Enumerable.Range(0, 600).Select(i => rig.Sample(i) with { Received = 42 }).ToList();
        // What came at its time stands between them, off their grid, and one of them is replaced later.
        var prompt = late[100] with { Start = late[100].Start + 500, Received = late[100].Start + 700 };
        rig.Commit([.. late, prompt, late[0] with { Value = 9, Received = 77, StandsAgain = true }]);
        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();

        var all = await Read(rig, "p1", Duration.FromHours(1));
        var part = await new InfluxHistory(rig.Link).SamplesAsync("p1", Core.Signals.Signal.HeartRate,
            _begin + Duration.FromSeconds(300), _begin + Duration.FromSeconds(400), Stop);

        Assert.Equal([77, .. Enumerable.Repeat(42L, 100), prompt.Start, .. Enumerable.Repeat(42L, 499)],
            all.Select(it => it.Received.ToUnixTimeMilliseconds()));
        Assert.Equal(100, part.Count);
        Assert.All(part, it => Assert.Equal(42, it.Received.ToUnixTimeMilliseconds()));
        Assert.Equal(1, await influxd.NumberAsync("SELECT count(run_recv) FROM heart_rate"));
    }

    [Fact]
    public async Task D5_Of_what_was_corrected_nothing_is_read_back_that_the_correction_does_not_say()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        var (first, second) = (rig.Sample(0) with { Quality = 0.5, OffsetMinutes = -300 }, rig.Sample(1));
        rig.Commit([first, second with { Quality = 0.5, OffsetMinutes = 60, Gone = true }]);
        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();
        rig.Commit([first with { Value = 61, Quality = double.NaN, StandsAgain = true,
            OffsetMinutes = ForwardSample.NoOffset }, second with { Value = 62, StandsAgain = true }]);
        await rig.UntilForwardedAsync();

        var samples = await Read(rig, "p1", Duration.FromHours(1));

        Assert.Equal([(61.0, (double?)null, (int?)null), (62.0, null, null)],
            samples.Select(it => (it.Value, it.Quality, it.OffsetMinutes)));
        // Whoever draws them leaves these out.
        Assert.Equal(2, await influxd.NumberAsync(
            "SELECT count(q) FROM heart_rate WHERE q = -1 AND off_min = -32768"));
    }

    [Fact]
    public async Task A_range_is_read_page_by_page_and_is_half_open()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(25_000);
        await rig.UntilForwardedAsync();

        var samples = await Read(rig, "p1", Duration.FromSeconds(24_000));

        Assert.Equal(Enumerable.Range(0, 24_000).Select(i => (double)i), samples.Select(it => it.Value));
    }

    [Theory]
    [InlineData("p1' or wearer=~/.*/")]
    [InlineData("p1' OR '1'='1")]
    [InlineData("p1;drop series")]
    [InlineData("'; DROP DATABASE t --")]
    [InlineData("\" OR \"wearer\" != '")]
    [InlineData("p1\\")]
    [InlineData("$wearer")]
    [InlineData("/.*/")]
    public async Task B48_A_name_is_a_name_whatever_stands_in_it(string wearer)
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(10);
        await rig.UntilForwardedAsync();

        Assert.Empty(await Read(rig, wearer, Duration.FromHours(1)));
        Assert.True(await rig.Link.AskAsync(InfluxQuestion.Drop(wearer), Stop) is { Fault: null });

        Assert.Equal(10, (await Read(rig, "p1", Duration.FromHours(1))).Count);
        Assert.Equal("t", Assert.Single(await influxd.AskAsync("SHOW DATABASES"))[0].GetString());
    }

    [Fact]
    public async Task B48_Ten_years_and_more_rows_than_allowed_are_refused()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        await rig.StartAsync(InfluxHistory.RowsMost + 1);
        await rig.UntilForwardedAsync();

        await Assert.ThrowsAsync<InfluxRefusedException>(() => Read(rig, "p1", Duration.FromDays(3650)));
        await Assert.ThrowsAsync<InfluxRefusedException>(() => Read(rig, "p1", Duration.FromDays(-1)));
        var many = await Assert.ThrowsAsync<InfluxRefusedException>(
            () => Read(rig, "p1", Duration.FromDays(30)));
        Assert.Contains("100000", many.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task I14_A_database_that_is_not_there_is_no_empty_history()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        using var link = new InfluxHttp(influxd.Options, TimeProvider.System);

        await Assert.ThrowsAsync<InfluxRefusedException>(() => new InfluxHistory(link).SamplesAsync(
            "p1", Core.Signals.Signal.HeartRate, _begin, _begin + Duration.FromHours(1), Stop));
    }

    [Fact]
    public async Task S27_A_wearer_who_is_erased_is_in_no_answer_and_others_are()
    {
        await using var influxd = await InfluxdProcess.StartAsync();
        await using var rig = new ForwardingRig(influxd.Options);
        rig.Commit([rig.Sample(1), rig.Sample(2) with { Series = rig.Series with { Wearer = "p2" } }]);
        await rig.StartAsync(0);
        await rig.UntilForwardedAsync();

        var erased = await new InfluxErase(influxd.Options, rig.Link).RunAsync(["p1", "anna"], Stop);

        Assert.Equal("erased", erased.State);
        Assert.Empty(await Read(rig, "p1", Duration.FromHours(1)));
        Assert.Single(await Read(rig, "p2", Duration.FromHours(1)));
        Assert.DoesNotContain("p1", string.Join(' ', (await influxd.AskAsync("SHOW SERIES"))
            .Select(row => row[0].GetString())), StringComparison.Ordinal);
    }

    static Task<IReadOnlyList<Sample>> Read(ForwardingRig rig, string wearer, Duration length) =>
        new InfluxHistory(rig.Link).SamplesAsync(
            wearer, Core.Signals.Signal.HeartRate, _begin, _begin + length, Stop);
}
