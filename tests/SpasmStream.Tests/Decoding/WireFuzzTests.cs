using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>What holds for every input, and for every sample.</summary>
public sealed class WireFuzzTests
{
    static readonly string[] Topics =
    [
        Wire.HeartRate, Wire.Steps, Wire.Rr, Wire.Hrv, Wire.Raw2A37, Wire.Activity, Wire.Sleep, Wire.Status,
        Wire.Episode, Wire.Trigger, Wire.Medication, Wire.State,
    ];

    static readonly Gen<byte> Lively = Any<byte>(
        [.. Encoding.UTF8.GetBytes("{}[]\",:\\ue0179.+-tfnNI \t\n"), 0, 0xC3, 0xED, 0xEF, 0xFF]);

    static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>
    /// One decoder for all cases, as in life: what one message leaves behind must not hurt the next.
    /// </summary>
    [Fact]
    public void Random_bytes_never_throw()
    {
        var decoder = new WireDecoder();
        Gen.Select(Any(Topics), Gen.OneOf(Gen.Byte, Lively).Array[0, 80]).Sample(
            (topic, bytes) => AssertSound(decoder, topic, bytes), iter: 50_000, threads: 1);
    }

    [Fact]
    public void Mutated_messages_never_throw()
    {
        var decoder = new WireDecoder();
        var examples = WireFormatTests.Examples()
            .Select(e => (e.Topic, Bytes: Encoding.UTF8.GetBytes(e.Json))).ToArray();
        var mutation = Gen
            .Select(Gen.Double.Unit, Gen.OneOf(Gen.Byte, Lively), Gen.Int[0, 3], Gen.Int[1, 12]);
        Gen.Select(Any(examples), Any(Topics), Gen.Bool, mutation.Array[1, 6]).Sample(
            (example, other, swap, mutations) =>
            {
                var bytes = mutations.Aggregate(example.Bytes.ToList(), Mutate);
                AssertSound(decoder, swap ? other : example.Topic, [.. bytes]);
            }, iter: 100_000, threads: 1);
    }

    [Fact]
    public void B20_Random_topics_never_throw_and_name_only_wearers_of_the_alphabet()
    {
        var decoder = new WireDecoder();
        var payload = Encoding.UTF8.GetBytes(Wire.Bpm("61"));
        Gen.Select(Gen.String, Gen.String, Gen.Bool).Sample((wearer, device, odd) =>
        {
            var topic = odd ? wearer + device : $"spasmstream/v1/in/{wearer}/{device}/heart-rate";
            var decoded = decoder.Decode(topic, payload, Wire.Received, DecodeLimits.Live);
            Assert.Equal(decoded.Wearer is null, decoded.Rejections.Count == 1);
            Assert.True(decoded.Wearer is not { } id || WearerId.IsValid(id.ToString()));
        }, iter: 20_000, threads: 1);
    }

    [Fact]
    public void What_is_written_is_read_back_unchanged()
    {
        var decoder = new WireDecoder();
        Samples.Sample(samples =>
        {
            var series = samples[0].Series;
            var topic = series.Signal == Signal.Steps ? Wire.Steps : Wire.HeartRate;
            var decoded = decoder.Decode(
                topic, WireEncoder.Encode(samples), Wire.Received,
                    DecodeLimits.AnyTime with { PayloadBytes = int.MaxValue });

            Assert.Empty(decoded.Rejections);
            Assert.Equal(0, decoded.UnknownMembers);
            Assert.Equal(samples, decoded.Samples);
        }, iter: 5_000, threads: 1);
    }

    [Fact]
    public void Samples_of_two_series_are_not_one_message()
    {
        var sample = Wire.OneSample(Wire.HeartRate, Wire.Bpm("61"));
        var other = sample with { Series = sample.Series with { Source = "x" } };

        Assert.Throws<ArgumentException>(() => WireEncoder.Encode([sample, other]));
        Assert.Throws<ArgumentException>(() => WireEncoder.Encode([]));
    }

    static readonly Gen<Series> AnySeries = Gen.Select(
        Any(Stat.Raw, Stat.Mean, Stat.Min, Stat.Max, Stat.Last, Stat.Sum),
        Any("", "ble-bridge/1.2", "a \"quoted\" \\ söurce + <b>"),
        (stat, source) =>
            new Series("watch", stat == Stat.Sum ? Signal.Steps : Signal.HeartRate, stat, source));

    static readonly Gen<Sample> Member = Gen.Select(
        Gen.Long[0, 3],
        Gen.Int[0, 127],
        Gen.OneOf(Gen.Const((double?)null), Gen.Double.Unit.Select(q => (double?)q)),
        Gen.OneOf(Gen.Const((int?)null), Gen.Int[-720, 840].Select(m => (int?)m)),
        Gen.Int[0, 2],
        (minutes, flags, quality, offset, revision) => new Sample
        {
            Series = null!,
            Start = default,
            Value = 0,
            Received = Wire.Received,
            Duration = Duration.FromMinutes(minutes),
            Flags = (SampleFlags)flags,
            Quality = quality,
            OffsetMinutes = offset,
            Revision = revision,
        });

    // A few sets of members repeat, so that columns as well as single objects are written.
    static readonly Gen<Sample[]> Samples = Gen.Select(
        AnySeries, Member.Array[1, 3],
        Gen.Select(Gen.Int[0, 2], Gen.Long[WireTime.Earliest, WireTime.Latest - 1], Gen.Double[0, 1]).Array[1,
            40],
        (series, members, points) => points
            .Select(p => Shape(members[p.Item1 % members.Length], series, p.Item2, p.Item3)).ToArray());

    static Sample Shape(Sample members, Series series, long ms, double unit)
    {
        var isSteps = series.Signal == Signal.Steps;
        var value = isSteps ? unit * 1_000 : unit < 0.5 ? Math.Round(30 + unit * 200) : 10.5 + unit * 300;
        if (value == 255)
            value++;
        var duration = isSteps ? members.Duration + Duration.FromMilliseconds(1) : members.Duration;
        var rated = isSteps ? value * (60_000 / duration.TotalMilliseconds) : value;
        var believed = PlausibleRange.Of(series.Signal).IsPlausible(rated);
        return members with
        {
            Series = series,
            Start = Instant.FromUnixTimeMilliseconds(ms),
            Value = value,
            Duration = duration,
            Flags = believed ? members.Flags : members.Flags | SampleFlags.Implausible,
        };
    }

    static List<byte> Mutate(List<byte> bytes, (double Where, byte With, int How, int Length) mutation)
    {
        var at = (int)(mutation.Where * bytes.Count);
        var length = Math.Min(mutation.Length, bytes.Count - at);
        if (mutation.How == 0)
            bytes.Insert(at, mutation.With);
        else if (mutation.How == 1)
            bytes.RemoveRange(at, length);
        else if (mutation.How == 2)
            bytes.InsertRange(at, bytes.GetRange(at, length));
        else if (at < bytes.Count)
            bytes[at] = mutation.With;
        return bytes;
    }

    static void AssertSound(WireDecoder decoder, string topic, byte[] bytes)
    {
        var decoded = decoder.Decode(topic, bytes, Wire.Received, DecodeLimits.Live);

        Assert.All(decoded.Rejections, r =>
            Assert.Matches(new Regex("^[a-z0-9_]+(:[a-z0-9_]+)?$"), r.Reason));
        Assert.All(decoded.Samples, s =>
            Assert.True(double.IsFinite(s.Value) && s.Duration >= Duration.Zero));
        Assert.All(decoded.Facts, f => Assert.InRange(f.First + f.Count, f.First, decoded.Samples.Count));
        var isGap = decoded.Kind is "heart-rate" or "steps" or "rr" or "hrv" or "raw2a37";
        Assert.True(
            decoded.Samples.Count + decoded.Facts.Count + decoded.Entries.Count + decoded.Rejections.Count > 0
                || decoded.Status is not null || isGap);
        if (decoded.Samples.Count > 0)
            Wire.AssertRoundTrip(decoded);
        Assert.All(decoded.Entries, e =>
            Assert.Equal(((byte)'{', (byte)'}'), (e.Json.Span[0], e.Json.Span[^1])));
    }
}
