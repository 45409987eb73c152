using CsCheck;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>What is written is what was decoded, for every signal.</summary>
public sealed class WireEncoderTests
{
    static readonly Gen<(int Flags, double? Quality, int? Offset, int Revision)> Common = Gen.Select(
        Gen.Int[0, 255],
        Gen.OneOf(Gen.Const((double?)null), Gen.Double.Unit.Select(q => (double?)q)),
        Gen.OneOf(Gen.Const((int?)null), Gen.Int[-720, 840].Select(m => (int?)m)),
        Gen.Int[0, 2]);

    static readonly Gen<Signal> Alone = Gen.Int[0, 2].Select(i => i switch
    {
        0 => Signal.RrInterval,
        1 => Signal.HrvRmssd,
        _ => Signal.StepCounter,
    });

    // A few sets of common members and two dozen instants repeat, so that rows join and columns form.
    static readonly Gen<Sample[]> Together = Gen.Select(
        Alone, Common.Array[1, 2],
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 24], Gen.Int[0, 2], Gen.Double.Unit).Array[1, 40],
        (lead, common, points) => points
            .Select(p => Make(lead, common[p.Item1 % common.Length], p.Item2, p.Item3, p.Item4))
            .DistinctBy(s => (s.Series, s.Start, s.Duration, s.Flags & WireEncoder.OnWire, s.Revision))
            .ToArray());

    [Fact]
    public void Every_signal_is_read_back_as_it_was_written() =>
        Together.Sample(
            samples => Wire.AssertRoundTrip(new Decoded { Samples = samples }), iter: 5_000, threads: 1);

    [Fact]
    public void Series_of_one_lead_share_a_message_and_others_do_not()
    {
        var total = Wire.Decode(Wire.Steps, $$"""{"v":1,"t":{{Wire.Ms}},"total":5,"since":{{Wire.Ms}}}""");

        Assert.Equal(
            $$"""{"v":1,"t":{{Wire.Ms}},"since":{{Wire.Ms}},"total":5}""",
            System.Text.Encoding.UTF8.GetString(WireEncoder.Encode(total.Samples)));
        Assert.Throws<ArgumentException>(() => WireEncoder.Encode(
            [total.Samples[0], Wire.OneSample(Wire.HeartRate, Wire.Bpm("61"))]));
        Assert.Throws<ArgumentException>(() => WireEncoder.Encode(
            [total.Samples[0] with { Series = total.Samples[0].Series with { Stat = Stat.Mean } }]));
    }

    [Fact]
    public void Flags_without_a_word_are_not_written()
    {
        var sample = Wire.OneSample(Wire.Rr, $$"""{"v":1,"t":{{Wire.Ms}},"rr":800.5,"ctx":"sleep"}""");
        var marked = sample with
        {
            Flags = sample.Flags | SampleFlags.Deleted | SampleFlags.Replayed | SampleFlags.Implausible,
        };

        Assert.Equal(
            $$"""{"v":1,"t":{{Wire.Ms}},"ctx":"sleep","rr":800.5}""",
            System.Text.Encoding.UTF8.GetString(WireEncoder.Encode([marked])));
    }

    [Fact]
    public void Every_signal_has_a_kind_of_topic() =>
        Assert.All(Enum.GetValues<Signal>(), signal => Assert.Contains(
            WireKind.OfDevices, kind => kind.Name == WireEncoder.KindOf(signal) && kind.Read is not null));

    static Sample Make(
        Signal lead, (int Flags, double? Quality, int? Offset, int Revision) common, int when, int which,
        double unit)
    {
        var signal = lead switch
        {
            Signal.HrvRmssd => lead + which,
            Signal.StepCounter => lead + which % 2,
            _ => lead,
        };
        var start = Wire.Ms + when * 1_000;
        var value = signal switch
        {
            Signal.RrInterval => 1 + unit * 4_999,
            Signal.HrvRmssd or Signal.HrvSdnn => 0.5 + unit * 1_999,
            Signal.StepCounterSince => start - 1_000 * (when % 3),
            _ => Math.Round(unit * 1e6),
        };
        var flags = (SampleFlags)(common.Flags & 127)
            | (common.Flags > 127 ? SampleFlags.Asleep : SampleFlags.None);
        return new Sample
        {
            Series = new Series(
                "watch", signal, lead == Signal.StepCounter ? Stat.Last : Stat.Raw, "a \"b\" ü"),
            Start = Instant.FromUnixTimeMilliseconds(start),
            Duration = lead switch
            {
                Signal.RrInterval => Duration.FromMilliseconds(Math.Round(value)),
                Signal.HrvRmssd => Duration.FromMinutes(5),
                _ => Duration.Zero,
            },
            Value = value,
            Received = Wire.Received,
            Flags = PlausibleRange.Of(signal).IsPlausible(value) ? flags : flags | SampleFlags.Implausible,
            Quality = common.Quality,
            OffsetMinutes = common.Offset,
            Revision = common.Revision,
        };
    }
}
