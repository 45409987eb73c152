using SpasmStream.Core.Signals;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>When a column came is said once for all of it, and is still known of each sample.</summary>
public sealed class ReceiptRunTests
{
    const int Seed = 20261123;
    const long Hour = 1_700_002_800_000;

    static readonly ForwardSeries _series = new("p1", new Series("watch", Signal.HeartRate, Stat.Raw, ""));

    static readonly InfluxAnswer _good = new(204);
    static readonly InfluxAnswer _refused = new(400, Text: "unable to parse");

    [Fact]
    public void A_late_column_says_once_when_it_came()
    {
        var lines = Written([.. Column(Hour, 1000, 60, Hour + 600_000)]);

        Assert.Equal(60, lines.Count);
        Assert.Equal("run_recv=1700003400000 run_step=1000 run_to=1700002859000 value=0",
            string.Join(' ', lines[0].Fields.Select(it => $"{it.Key}={it.Value}")));
        Assert.All(lines.Skip(1), line => Assert.Equal(["value"], line.Fields.Keys));
    }

    [Theory]
    [InlineData(3, 0, 3)] // Too few.
    [InlineData(4, 1, 0)]
    [InlineData(0, 0, 0)]
    public void A_few_say_it_each_for_itself(int count, int runs, int alone)
    {
        var lines = Written([.. Column(Hour, 1000, count, Hour + 600_000)]);

        Assert.Equal((runs, alone), (Having(lines, "run_recv"), Having(lines, "recv")));
    }

    [Fact]
    public void No_run_reaches_into_the_next_hour()
    {
        var lines = Written([.. Column(Hour - 30_000, 1000, 60, Hour + 600_000)]);

        Assert.Equal([0, 30], lines.Index().Where(it => it.Item.Fields.ContainsKey("run_recv"))
            .Select(it => it.Index));
    }

    [Fact]
    public void Of_any_columns_in_any_order_each_receipt_is_still_known()
    {
        var random = new Random(Seed);
        var runs = 0;
        for (var round = 0; round < 100; round++)
        {
            var samples = Any(random);
            var lines = Written([.. samples]);
            runs += Having(lines, "run_recv");
            Assert.Equal(samples.Count, lines.Count);
            for (var i = 0; i < samples.Count; i++)
                Assert.True(IsTold(samples[i], Told(lines[i], lines)), $"round {round}, sample {i}");
        }

        Assert.InRange(runs, 500, int.MaxValue);
    }

    [Fact]
    public async Task F25_When_the_first_of_a_run_is_refused_the_others_still_say_when_they_came()
    {
        await using var rig = new ForwardRig((lines, _) =>
            lines.Any(line => line.EndsWith($" {Hour}", StringComparison.Ordinal)) ? _refused : _good);
        rig.Journal.Add(Column(Hour, 1000, 60, Hour + 600_000));
        await rig.StartAsync();
        await rig.UntilAsync(() => rig.Journal.Waiting == 0, "all are forwarded");

        Assert.Equal(Hour, Assert.Single(rig.Journal.Refused).Sample.Start);
        // What was sent later stands where it was sent before.
        var stands = rig.Link.Requests.Skip(1)
            .SelectMany(it => LineReader.ReadAll(System.Text.Encoding.UTF8.GetBytes(it.Body)))
            .GroupBy(line => line.At).Select(it => it.Last()).ToList();
        Assert.All(stands, line => Assert.Equal(Hour + 600_000, line.Fields["recv"]));
        Assert.Equal(60, stands.Count);
    }

    static IEnumerable<ForwardSample> Column(long start, long step, int count, long received) =>
        Enumerable.Range(0, count).Select(i => new ForwardSample(_series, start + (i * step), 0, i, received,
            double.NaN, ForwardSample.NoOffset, Gone: false));

    // Columns of three series on several grids around an hour; what stands already is not stored again.
    static List<ForwardSample> Any(Random random)
    {
        var stands = new HashSet<(ForwardSeries, long, long)>();
        var samples = new List<ForwardSample>();
        ForwardSeries[] series = [_series, _series with { Wearer = "p2" },
            _series with { Series = _series.Series with { Stat = Stat.Mean } }];
        long[] steps = [1, 500, 1000, 3000, 60_000, 4_000_000];
        for (var column = 0; column < 30; column++)
        {
            var (step, of) = (steps[random.Next(steps.Length)], series[random.Next(series.Length)]);
            var start = Hour + (random.Next(-200, 200) * 500);
            var count = random.Next(1, 80);
            var received = start + (step * count) + random.Next(-5_000, 200_000);
            var usual = random.Next(3) == 0 ? 60_000L : 0;
            foreach (var sample in Column(start, step, count, received))
            {
                var duration = random.Next(20) == 0 ? 5_000L : usual;
                if (stands.Add((of, sample.Start, duration)))
                    samples.Add(sample with
                    {
                        Series = of, Duration = duration, Gone = random.Next(50) == 0,
                        Value = random.Next(50) == 0 ? 0.5 : sample.Value,
                    });
                else if (random.Next(9) == 0)
                    samples.Add(sample with { Series = of, Duration = duration, StandsAgain = true });
            }
        }

        return samples;
    }

    // By brute force, and of its own: what a stranger would do who reads formats and has all the lines.
    static long? Told(ReadLine line, List<ReadLine> lines)
    {
        if (line.Fields.TryGetValue("recv", out var own))
            return (long)own;
        var said = lines.Where(it => it.Fields.ContainsKey("run_recv") && it.Tags.SequenceEqual(line.Tags)
            && Equals(it.Fields.GetValueOrDefault("dur_ms"), line.Fields.GetValueOrDefault("dur_ms"))
            && it.At <= line.At && line.At <= (long)it.Fields["run_to"]
            && (line.At - it.At) % (long)it.Fields["run_step"] == 0).ToList();
        return said.Count == 0 ? null : (long)Assert.Single(said).Fields["run_recv"];
    }

    static bool IsTold(ForwardSample sample, long? told) => told is { } received
        ? received == sample.Received
        : sample.Received - sample.Start - sample.Duration is >= 0 and < LineTable.PromptMs;

    static int Having(List<ReadLine> lines, string field) =>
        lines.Count(line => line.Fields.ContainsKey(field));

    static List<ReadLine> Written(params ForwardSample[] samples)
    {
        using var lines = new LineBuffer();
        new LineWriter(name => name).Write(new ForwardBatch(1, samples, []), lines);
        return LineReader.ReadAll(lines.Lines(0, lines.Count).Span);
    }
}
