using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>Lines to the byte, and names that whoever draws them relies on.</summary>
public sealed class LineBytesTests : IDisposable
{
    static readonly ForwardSample _sample = new(
        new ForwardSeries("p1", new Series("watch", Signal.HeartRate, Stat.Raw, "")), 1_700_000_000_000, 0,
        61, 1_700_000_000_500, double.NaN, ForwardSample.NoOffset, Gone: false);

    static readonly Signal[] _drawn =
    [
        Signal.HeartRate, Signal.Steps, Signal.StepCounter, Signal.StepCounterSince, Signal.RrInterval,
        Signal.HrvRmssd, Signal.HrvSdnn, Signal.HrvBeats,
    ];

    readonly LineBuffer _lines = new();

    [Fact]
    public void B22_A_reading_is_its_name_its_value_and_its_instant() =>
        Assert.Equal("heart_rate,device=watch,wearer=p1 value=61 1700000000000\n", Line(_sample));

    [Fact]
    public void B22_Whole_numbers_of_a_field_end_in_an_i_and_values_never() => Assert.Equal(
        "steps,device=a\\ b,res=1m,source=hub,stat=sum,wearer=p1 "
            + "value=-7.25,dur_ms=60000i,off_min=-90i,q=0.5,recv=1700000120000i 1700000000000\n",
        Line(_sample with
        {
            Series = new ForwardSeries("p1", new Series("a b", Signal.Steps, Stat.Sum, "hub")),
            Value = -7.25, Duration = 60_000, OffsetMinutes = -90, Quality = 0.5,
            Received = 1_700_000_120_000,
        }));

    [Fact]
    public void B36_What_was_taken_back_and_what_stands_again_say_so_and_when()
    {
        Assert.Equal("heart_rate,device=watch,wearer=p1 value=61,gone=true,recv=1700000000500i "
            + "1700000000000\n", Line(_sample with { Gone = true }));
        Assert.Equal("heart_rate,device=watch,wearer=p1 value=61,gone=false,off_min=-32768i,q=-1,"
            + "recv=1700000000500i 1700000000000\n", Line(_sample with { StandsAgain = true }));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(60_000, ",res=1m")]
    [InlineData(300_000, ",res=5m")]
    [InlineData(900_000, ",res=15m")]
    [InlineData(3_600_000, ",res=1h")]
    [InlineData(86_400_000, ",res=1d")]
    [InlineData(1, ",res=event")]
    [InlineData(60_001, ",res=event")]
    public void B21_Two_resolutions_at_one_instant_are_two_points(long duration, string tag) =>
        Assert.StartsWith($"heart_rate,device=watch{tag},wearer=p1 ",
            Line(_sample with { Duration = duration }), StringComparison.Ordinal);

    [Fact]
    public void Series_and_resolutions_may_alternate()
    {
        var other = _sample with
        {
            Series = new ForwardSeries("p2", new Series("ring", Signal.Steps, Stat.Raw, "")),
        };
        ForwardSample[] samples = [_sample, other, _sample with { Duration = 60_000 }, _sample, other];

        new LineWriter(name => name + "!").Write(new ForwardBatch(1, samples, []), _lines);

        Assert.Equal(["heart_rate,device=watch,wearer=p1!", "steps,device=ring,wearer=p2!",
            "heart_rate,device=watch,res=1m,wearer=p1!", "heart_rate,device=watch,wearer=p1!",
            "steps,device=ring,wearer=p2!"],
            Written().TrimEnd('\n').Split('\n').Select(it => it.Split(' ')[0]));
    }

    [Fact]
    public void What_is_mirrored_is_a_line_of_numbers_and_texts_or_none()
    {
        new LineWriter(name => name).Write(new ForwardBatch(1, [],
        [
            new MirroredRow(MirroredKind.Forecast, "p1", "migraine", 5,
                [("probability", 0.25), ("none", double.NaN), ("at_risk", 1)], [("band", "so \"high\"")]),
            new MirroredRow(MirroredKind.Episode, "p1", "spasm", 6, [("severity", double.NaN)], []),
            new MirroredRow(MirroredKind.Alert, "", "a=b", 7, [], [("kind", "x"), ("why", "")]),
        ]), _lines);

        Assert.Equal("forecast,target=migraine,wearer=p1 "
            + "probability=0.25,at_risk=1,band=\"so \\\"high\\\"\" 5\n"
            + "alert,target=a\\=b kind=\"x\",why=\"\" 7\n", Written());
        Assert.Equal((3, 0), (_lines.Count, _lines.Size(1, 2)));
    }

    [Fact]
    public void B21_Names_stay_what_they_are()
    {
        Assert.Equal(
            "heart_rate steps step_counter step_counter_since rr_interval hrv_rmssd hrv_sdnn hrv_beats",
            string.Join(' ', _drawn.Select(signal => LineTable.Signals[signal])));
        Assert.Equal("raw mean min max sum last", string.Join(' ', ((Stat[])[Stat.Raw, Stat.Mean, Stat.Min,
            Stat.Max, Stat.Sum, Stat.Last]).Select(stat => LineTable.Stats[stat])));
        Assert.Equal(
            ["Forecast forecast target", "RiskWindow risk_window target", "Episode episode type",
                "Alert alert target"],
            LineTable.Mirrored.Select(it => $"{it.Key} {it.Value.Measurement} {it.Value.Key}"));
        Assert.Equal("spasmstream_canary", LineTable.Canary);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("a_1", true)]
    [InlineData("", false)]
    [InlineData("time", false)]
    [InlineData("times", true)]
    [InlineData("1a", false)]
    [InlineData("_a", false)]
    [InlineData("aB", false)]
    [InlineData("a-b", false)]
    [InlineData("ä", false)]
    public void B21_A_field_is_a_word_of_small_letters_digits_and_lines(string name, bool isOne) =>
        Assert.Equal(isOne, LineTable.IsFieldName(name));

    [Fact]
    public void B21_A_field_has_64_letters_at_most()
    {
        Assert.True(LineTable.IsFieldName(new string('a', 64)));
        Assert.False(LineTable.IsFieldName(new string('a', 65)));
    }

    public void Dispose() => _lines.Dispose();

    string Line(ForwardSample sample)
    {
        _lines.Clear();
        new LineWriter(name => name).Write(new ForwardBatch(1, [sample], []), _lines);
        return Written();
    }

    string Written() => Encoding.UTF8.GetString(_lines.Lines(0, _lines.Count).Span);
}
