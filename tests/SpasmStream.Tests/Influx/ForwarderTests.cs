using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>The forwarder against an InfluxDB that answers as told, in fake time.</summary>
public sealed class ForwarderTests
{
    static readonly InfluxAnswer _good = new(204);
    static readonly InfluxAnswer _refused = new(400, Text: "unable to parse");

    [Fact]
    public async Task A_single_sample_goes_at_once_and_many_go_in_full_bodies()
    {
        await using var rig = new ForwardRig((_, _) => _good);
        await rig.StartAsync();

        rig.Commit(1);
        await rig.AtOnceAsync(() => rig.Journal.Forwarded == 1, "one is forwarded");
        rig.Commit(12_000);
        await rig.UntilAsync(() => rig.Journal.Forwarded == 12_001, "all are forwarded",
            ForwardPace.Gather(1, 5_000));

        Assert.Equal([1, 5000, 5000, 2000], Sizes(rig));
        Assert.Equal(InfluxLink.Good, rig.State.Report.Link);
        Assert.Equal(0, rig.State.Waiting);
    }

    [Fact]
    public async Task D5_What_is_forwarded_is_in_the_order_of_its_commits()
    {
        await using var rig = new ForwardRig((_, _) => _good);
        rig.Commit(7000);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal(Enumerable.Range(0, 7000).Select(i => (double)i), Values(rig));
    }

    [Fact]
    public async Task I12_No_answer_is_answered_by_the_same_bytes_again()
    {
        await using var rig = new ForwardRig((_, n) => n < 6 ? new InfluxAnswer(0) : _good);
        rig.Commit(100);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal(6, rig.Link.Requests.Count);
        Assert.Single(rig.Link.Requests.Select(request => request.Body).Distinct());
        Assert.True(rig.State.IsHealthy);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("1000000000", 300)]
    [InlineData("Sun, 22 Nov 2026 12:00:40 GMT", 40)]
    [InlineData("x", 0.5)]
    public async Task F21_Nothing_is_asked_sooner_than_the_other_side_allows(string retryAfter, double least)
    {
        var wait = InfluxSaid.WaitOf(retryAfter, new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        await using var rig = new ForwardRig((_, n) => n == 1 ? new InfluxAnswer(429, wait) : _good);
        rig.Commit(10);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        var waited = rig.Link.Requests[1].At - rig.Link.Requests[0].At;
        Assert.InRange(waited.TotalSeconds, least, Math.Max(least, 60) + 1);
    }

    [Fact]
    public async Task F22_Ten_minutes_of_401_lose_nothing_and_cost_few_requests()
    {
        var repaired = false;
        await using var rig = new ForwardRig((_, _) => repaired ? _good : new InfluxAnswer(401));
        rig.Commit(20_000);
        await rig.StartAsync();
        await rig.PassAsync(TimeSpan.FromMinutes(10));

        Assert.InRange(rig.Link.Requests.Count, 15, 21);
        Assert.Equal(20_000, rig.Journal.Waiting);
        Assert.False(rig.State.IsHealthy);
        Assert.Contains("password", rig.State.Words(), StringComparison.Ordinal);
        Assert.All(rig.Beats.All,
            beat => Assert.InRange(beat.Since, TimeSpan.MinValue, TimeSpan.FromSeconds(6)));
        repaired = true;
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");
        Assert.True(rig.State.IsHealthy);
        Assert.Empty(rig.Journal.Refused);
    }

    [Fact]
    public async Task F23_A_missing_database_is_made_once()
    {
        var made = false;
        await using var rig = new ForwardRig((_, _) => made ? _good : Missing());
        rig.Link.Making = new InfluxAnswer(200);
        rig.Commit(10);
        await rig.StartAsync();
        await rig.PassAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(1, rig.Link.Created);
        Assert.False(rig.State.IsHealthy);
        made = true;
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");
    }

    [Fact]
    public async Task F23_Where_it_is_not_allowed_nothing_is_made_and_nothing_lost()
    {
        var made = false;
        await using var rig = new ForwardRig((_, _) => made ? _good : Missing(),
            new InfluxOptions { Url = "http://127.0.0.1:1", CreateDatabase = false });
        rig.Commit(10);
        await rig.StartAsync();
        await rig.UntilAsync(() => !rig.State.IsHealthy, "paused");

        Assert.Contains("Influx:CreateDatabase", rig.State.Words(), StringComparison.Ordinal);
        made = true;
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");
        Assert.Equal(0, rig.Link.Created);
    }

    [Fact]
    public async Task F25_A_body_refused_for_one_line_loses_that_line_alone()
    {
        await using var rig = new ForwardRig((lines, _) => lines.Any(Is(3271)) ? _refused : _good);
        rig.Commit(5000);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        var (sample, why) = Assert.Single(rig.Journal.Refused);
        Assert.Equal((3271, "unreadable"), (sample.Value, why.Reason));
        Assert.InRange(rig.Link.Requests.Count, 2, 30);
        Assert.Equal(Enumerable.Range(0, 5000).Except([3271]).Select(i => (double)i), Taken(rig).Order());
    }

    [Fact]
    public async Task F27_Fifty_one_bad_lines_pause_and_become_no_dead_letters()
    {
        var repaired = false;
        await using var rig = new ForwardRig((lines, _) =>
            !repaired && lines.Any(line => Value(line) % 90 == 0) ? _refused : _good);
        rig.Commit(5000);
        await rig.StartAsync();
        await rig.UntilAsync(() => !rig.State.IsHealthy, "paused");
        var asked = rig.Link.Requests.Count;
        await rig.PassAsync(TimeSpan.FromMinutes(10));

        Assert.InRange(rig.Link.Requests.Count - asked, 15, 21);
        Assert.Empty(rig.Journal.Refused);
        Assert.Equal(5000, rig.Journal.Waiting);
        repaired = true;
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");
        Assert.Empty(rig.Journal.Refused);
        Assert.True(rig.State.IsHealthy);
    }

    [Fact]
    public async Task F27_Fifty_bad_lines_are_fifty_dead_letters()
    {
        await using var rig = new ForwardRig((lines, _) =>
            lines.Any(line => Value(line) % 100 == 0) ? _refused : _good);
        rig.Commit(5000);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal(Enumerable.Range(0, 50).Select(i => i * 100.0),
            rig.Journal.Refused.Select(it => it.Sample.Value));
    }

    [Fact]
    public async Task I5_What_InfluxDB_keeps_no_more_is_no_reason_to_stop()
    {
        await using var rig = new ForwardRig((lines, _) => lines.Any(line => Value(line) < 200)
            ? new InfluxAnswer(400, Text: "points beyond retention policy") : _good);
        rig.Commit(1000);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal(200, rig.Journal.Refused.Count(it => it.Why.Reason == "beyond_retention"));
        Assert.Equal(200, rig.Journal.Refused.Count);
    }

    [Fact]
    public async Task F26_What_is_too_large_is_halved_and_the_size_is_kept()
    {
        const int most = 10_000;
        await using var rig = new ForwardRig((lines, _) =>
            lines.Sum(line => line.Length + 1) > most ? new InfluxAnswer(413) : _good);
        rig.Commit(5000);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");
        var learned = rig.Link.Requests.Count;
        rig.Commit(1000, from: 5000);
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal(Enumerable.Range(0, 6000).Select(i => (double)i), Taken(rig));
        Assert.All(rig.Link.Requests.Skip(learned), it => Assert.InRange(it.Body.Length, 1, most));
        Assert.InRange(rig.Door.Pace.BytesMost, most / 2, most);
        Assert.Empty(rig.Journal.Refused);
    }

    [Fact]
    public async Task I6_A_line_that_is_too_large_alone_is_a_dead_letter()
    {
        await using var rig = new ForwardRig((lines, _) => lines.Any(Is(17)) ? new InfluxAnswer(413) : _good);
        rig.Commit(100);
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal("too_large", Assert.Single(rig.Journal.Refused).Why.Reason);
        Assert.Equal(99, Taken(rig).Count());
    }

    static InfluxAnswer Missing() => new(404, Text: "database not found: \"t\"");

    static IEnumerable<int> Sizes(ForwardRig rig) =>
        rig.Link.Requests.Select(it => it.Body.Count(c => c == '\n'));

    static IEnumerable<double> Values(ForwardRig rig) =>
        rig.Link.Requests.SelectMany(it => it.Body.TrimEnd('\n').Split('\n')).Select(Value);

    /// <summary>What was sent and, by the journal's word, not refused.</summary>
    static IEnumerable<double> Taken(ForwardRig rig) => Values(rig)
        .Except(rig.Journal.Refused.Select(it => it.Sample.Value));

    static Func<string, bool> Is(double value) => line => Value(line) == value;

    static double Value(string line)
    {
        var begin = line.IndexOf(" value=", StringComparison.Ordinal) + 7;
        return double.Parse(line.AsSpan(begin, line.IndexOfAny([',', ' '], begin) - begin));
    }
}
