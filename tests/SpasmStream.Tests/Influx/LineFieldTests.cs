using SpasmStream.Core.Signals;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>Which fields and tags a sample has.</summary>
public sealed class LineFieldTests
{
    [Fact]
    public void What_is_not_known_is_not_written()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.Steps, Stat.Raw, ""));

        var line = Assert.Single(Written(Sample(series, 7)));

        Assert.Equal(["device", "wearer"], line.Tags.Keys);
        Assert.Equal(["value"], line.Fields.Keys);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(59_999, false)]
    [InlineData(60_000, true)]
    public void What_comes_within_a_minute_of_its_end_does_not_say_when(long late, bool says)
    {
        var sample = Sample(new ForwardSeries("p1", new Series("watch", Signal.Steps, Stat.Raw, "")), 7) with
        {
            Duration = 5_000, Received = 1_700_000_005_000 + late,
        };

        // What stands where another stood says it always: the field would keep what was said of that one.
        var lines = Written(sample, sample with { StandsAgain = true }, sample with { Gone = true });

        Assert.Equal([says, true, true], lines.Select(line => line.Fields.ContainsKey("recv")));
    }

    [Fact]
    public void What_was_taken_back_says_so_and_what_stands_again_says_that()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.Steps, Stat.Raw, ""));

        var lines = Written(Sample(series, 7) with { Gone = true },
            Sample(series, 7) with { StandsAgain = true }, Sample(series, 7));

        Assert.Equal([true, false, null], lines.Select(line => line.Fields.GetValueOrDefault("gone")));
    }

    [Fact]
    public void What_stands_where_another_stood_says_what_is_not_known_of_it_too()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.HeartRate, Stat.Raw, ""));
        var again = Sample(series, 7) with { StandsAgain = true };

        var lines = Written(again, again with { Quality = 0.5, OffsetMinutes = 60 });

        Assert.Equal([-1.0, 0.5], lines.Select(line => line.Fields.GetValueOrDefault("q")));
        Assert.Equal([-32768L, 60L], lines.Select(line => line.Fields.GetValueOrDefault("off_min")));
    }

    static ForwardSample Sample(ForwardSeries series, double value) => new(series, 1_700_000_000_000, 0,
        value, 1_700_000_000_500, double.NaN, ForwardSample.NoOffset, Gone: false);

    static List<ReadLine> Written(params ForwardSample[] samples)
    {
        using var lines = new LineBuffer();
        new LineWriter(name => name).Write(new ForwardBatch(1, samples, []), lines);
        return LineReader.ReadAll(lines.Lines(0, lines.Count).Span);
    }
}
