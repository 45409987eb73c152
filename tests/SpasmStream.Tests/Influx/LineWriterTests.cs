using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>Line protocol: every point its line, and nothing that comes in adds more than that.</summary>
public sealed class LineWriterTests : IDisposable
{
    const int Seed = 20261122;

    readonly LineBuffer _lines = new();
    readonly LineWriter _writer = new(name => name);

    static readonly string[] _hard =
    [
        ",", "=", " ", "\"", "\\", "\n", "\r", "\r\n", "\t", "\0", "#", "time", "%", "%5C", "\\,", "\\ ",
        "\\\\", "a\\", "wearer=x", ",wearer=x", " value=1", "\n# x\nheart_rate value=1 1\n", "ü", "日本",
        "\ud83d\ude00", "\u2028", "\u202e", "\u0085", "\ufeff",
        new('x', 70_000), new('\\', 300), "i", "1i", "true", "-", "",
    ];

    [Fact]
    public void A_sample_is_a_line_with_its_tags_fields_and_instant()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.HeartRate, Stat.Mean, "hub"));

        var line = Assert.Single(Written(new ForwardSample(
            series, 1_700_000_000_123, 60_000, 61.5, 1_700_000_120_123, 0.9, 60, Gone: false)));

        Assert.Equal("heart_rate", line.Measurement);
        Assert.Equal("device=watch res=1m source=hub stat=mean wearer=p1",
            string.Join(' ', line.Tags.Select(it => $"{it.Key}={it.Value}")));
        Assert.Equal("dur_ms=60000 off_min=60 q=0.9 recv=1700000120123 value=61.5",
            string.Join(' ', line.Fields.Select(it => $"{it.Key}={it.Value}")));
        Assert.Equal(1_700_000_000_123, line.At);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void B11_A_number_that_is_none_is_never_written(double value)
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.Steps, Stat.Raw, ""));

        var lines = Written(Sample(series, value), Sample(series, 1) with { Quality = value });

        Assert.Equal(["value"], Assert.Single(lines).Fields.Keys);
        Assert.Equal((2, 0), (_lines.Count, _lines.Size(0, 1)));
    }

    [Fact]
    public void B20_A_million_random_ids_and_values_add_no_line_no_tag_and_no_field()
    {
        const int rounds = 1000, each = 1000;
        var random = new Random(Seed);
        for (var round = 0; round < rounds; round++)
        {
            var samples = Enumerable.Range(0, each).Select(_ => Any(random)).ToArray();
            var lines = Written(samples);

            Assert.Equal(each, lines.Count);
            for (var i = 0; i < each; i++)
                Same(samples[i], lines[i]);
        }
    }

    [Fact]
    public void B20_Two_names_that_differ_stay_different()
    {
        var random = new Random(Seed);
        var names = _hard.Concat(Enumerable.Range(0, 20_000).Select(_ => Word(random)))
            .Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList();

        var written = names.ConvertAll(name => Tag(name));

        Assert.Equal(names.Count, written.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void B20_The_reader_of_these_tests_sees_what_would_be_added()
    {
        Assert.Throws<FormatException>(() => LineReader.ReadAll("m,a=b\\ value=1 1\n"u8));
        Assert.Throws<FormatException>(() => LineReader.ReadAll("# value=1 1\n"u8));
        Assert.Throws<FormatException>(() => LineReader.ReadAll("m,a=b,a=c value=1 1\n"u8));
        Assert.Throws<FormatException>(() => LineReader.ReadAll("m value=1 1\n\n"u8));
        Assert.Equal(2, LineReader.ReadAll("m value=1 1\nm value=1 1\n"u8).Count);
    }

    [Fact]
    public void B21_Names_of_measurements_tags_and_fields_are_ours()
    {
        Assert.Equal(Enum.GetValues<Signal>().Order(), LineTable.Signals.Keys.Order());
        Assert.Equal(Enum.GetValues<Stat>().Order(), LineTable.Stats.Keys.Order());
        Assert.Equal(Enum.GetValues<MirroredKind>().Order(), LineTable.Mirrored.Keys.Order());
        string[] measurements = [LineTable.Canary, .. LineTable.Signals.Values,
            .. LineTable.Mirrored.Values.Select(it => it.Measurement)];
        Assert.Equal(measurements.Length, measurements.Distinct().Count());
        Assert.All([.. measurements, .. LineTable.Tags, .. LineTable.Fields.Keys,
            .. LineTable.Mirrored.Values.Select(it => it.Key)],
            name => Assert.True(LineTable.IsFieldName(name)));
        Assert.False(LineTable.IsFieldName("time"));
    }

    [Theory]
    [InlineData("time")]
    [InlineData("a b")]
    [InlineData("a=1,b")]
    [InlineData("")]
    public void B21_A_field_by_another_name_is_a_fault_of_ours(string name) =>
        Assert.Throws<InvalidOperationException>(() => _writer.Write(new ForwardBatch(1, [],
            [new MirroredRow(MirroredKind.Episode, "p1", "migraine", 1, [(name, 1)], [])]), _lines));

    [Fact]
    public void B22_A_whole_number_is_as_much_a_float_as_another()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.HeartRate, Stat.Raw, ""));
        double[] values = [60, 60.5, 0, -0.0, -3, 1e15, 1e16, 1e300, 5e-324, 0.1, double.MaxValue];

        var lines = Written([.. values.Select(value => Sample(series, value))]);

        Assert.Equal(values, lines.Select(line => Assert.IsType<double>(line.Fields["value"])));
    }

    [Fact]
    public void What_is_mirrored_has_a_measurement_of_its_own_and_anybodys_words()
    {
        const string words = "said \"no\"\\ and\nwent, a=b";
        _lines.Clear();
        _writer.Write(new ForwardBatch(1, [], [new MirroredRow(MirroredKind.Forecast, "p1", "migraine", 5,
            [("probability", 0.25), ("none", double.NaN)], [("band", words)])]), _lines);

        var line = Assert.Single(LineReader.ReadAll(_lines.Lines(0, 1).Span));

        Assert.Equal(("forecast", 5L), (line.Measurement, line.At));
        Assert.Equal(["target", "wearer"], line.Tags.Keys);
        Assert.Equal(["band", "probability"], line.Fields.Keys);
        Assert.Equal(words.Replace('\n', ' '), line.Fields["band"]);
    }

    [Fact]
    public void A_body_is_cut_between_lines_by_their_number_and_their_bytes()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.HeartRate, Stat.Raw, ""));
        Written([.. Enumerable.Range(0, 100).Select(i => Sample(series, i % 10))]);
        var line = _lines.Size(0, 1);

        Assert.Equal(10, _lines.Cut(0, 10, int.MaxValue / 2));
        Assert.Equal(100, _lines.Cut(95, 10, int.MaxValue / 2));
        Assert.Equal(3, _lines.Cut(0, 10, 3 * line));
        Assert.Equal(2, _lines.Cut(0, 10, (3 * line) - 1));
        Assert.Equal(8, _lines.Cut(7, 10, 1));
        Assert.Equal(7 * line, _lines.Lines(3, 10).Length);
    }

    [Fact]
    public void A_line_of_a_known_series_costs_no_memory()
    {
        var series = new ForwardSeries("p1", new Series("watch", Signal.HeartRate, Stat.Raw, "hub"));
        var samples = Enumerable.Range(0, 5000).Select(i => Sample(series, i * 0.25));
        var batch = new ForwardBatch(1, [.. samples], []);
        _writer.Write(batch, _lines);
        _lines.Clear();

        var before = GC.GetAllocatedBytesForCurrentThread();
        _writer.Write(batch, _lines);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200);
    }

    public void Dispose() => _lines.Dispose();

    static ForwardSample Sample(ForwardSeries series, double value) => new(series, 1_700_000_000_000, 0,
        value, 1_700_000_000_500, double.NaN, ForwardSample.NoOffset, Gone: false);

    static ForwardSample Any(Random random)
    {
        var (start, duration) = (random.NextInt64(-5_000_000_000_000, 5_000_000_000_000),
            random.Next(3) * 60_000L + random.Next(2));
        return new ForwardSample(
            new ForwardSeries(Word(random), new Series(Word(random), (Signal)random.Next(1, 9),
                (Stat)random.Next(6), Word(random))),
            start, duration,
            BitConverter.Int64BitsToDouble(random.NextInt64()) is var value && double.IsFinite(value)
                ? value : 1,
            random.Next(2) == 0 ? random.NextInt64() : start + duration + random.Next(-1000, 100_000),
            random.Next(2) == 0 ? double.NaN : random.NextDouble(),
            (short)random.Next(-840, 841), random.Next(2) == 0, random.Next(2) == 0);
    }

    static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(4)).Select(
        _ => random.Next(3) == 0 ? ((char)random.Next(1, 0x250)).ToString()
            : _hard[random.Next(40) == 0 ? random.Next(_hard.Length) : random.Next(29)]));

    static void Same(ForwardSample sample, ReadLine line)
    {
        var (of, series) = (sample.Series.Wearer, sample.Series.Series);
        Assert.Equal(LineTable.Signals[series.Signal], line.Measurement);
        Assert.Equal(sample.Start, line.At);
        Assert.Equal(sample.Value, line.Fields["value"]);
        var late = (Int128)sample.Received - sample.Start - sample.Duration;
        if (sample.Gone || sample.StandsAgain || late < 0 || late >= 60_000)
            Assert.Equal(sample.Received, line.Fields["recv"]);
        else
            Assert.DoesNotContain("recv", line.Fields.Keys);
        Assert.All(line.Fields, field => Assert.Equal(LineTable.Fields[field.Key], field.Value.GetType()));
        List<string> tags = [];
        (string, string)[] words = [("wearer", of), ("device", series.Device), ("source", series.Source),
            ("stat", series.Stat == Stat.Raw ? "" : "stat"), ("res", sample.Duration == 0 ? "" : "res")];
        foreach (var (tag, name) in words)
            if (name.Length > 0)
                tags.Add(tag);
        Assert.Equal(tags.Order(StringComparer.Ordinal), line.Tags.Keys);
    }

    static string Tag(string name)
    {
        var line = new StringBuilder();
        LineText.AppendTag(line, name);
        Assert.InRange(Encoding.UTF8.GetByteCount(line.ToString()), 1, 2000);
        return line.ToString();
    }

    List<ReadLine> Written(params ForwardSample[] samples)
    {
        _lines.Clear();
        _writer.Write(new ForwardBatch(1, samples, []), _lines);
        return LineReader.ReadAll(_lines.Lines(0, _lines.Count).Span);
    }
}
