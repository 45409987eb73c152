using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>Messages for the decoder's tests.</summary>
static class Wire
{
    public const string HeartRate = "spasmstream/v1/in/ada/watch/heart-rate";
    public const string Steps = "spasmstream/v1/in/ada/watch/steps";
    public const string Rr = "spasmstream/v1/in/ada/watch/rr";
    public const string Hrv = "spasmstream/v1/in/ada/watch/hrv";
    public const string Activity = "spasmstream/v1/in/ada/watch/activity";
    public const string Raw2A37 = "spasmstream/v1/in/ada/watch/raw2a37";
    public const string Sleep = "spasmstream/v1/in/ada/watch/sleep";
    public const string Status = "spasmstream/v1/in/ada/watch/status";
    public const string Episode = "spasmstream/v1/in/ada/diary/episode";
    public const string Trigger = "spasmstream/v1/in/ada/diary/trigger";
    public const string Medication = "spasmstream/v1/in/ada/diary/medication";
    public const string State = "spasmstream/v1/in/ada/diary/state";

    public static readonly Instant Received = Instant.FromUtc(2026, 3, 8, 22, 30);

    /// <summary>Unix ms of 2026-03-08T21:00:00Z, within every limit.</summary>
    public const long Ms = 1_773_003_600_000;

    public static Decoded Decode(string topic, string json, DecodeLimits? limits = null) =>
        Decode(topic, Encoding.UTF8.GetBytes(json), limits);

    public static Decoded Decode(string topic, byte[] payload, DecodeLimits? limits = null) =>
        new WireDecoder().Decode(topic, payload, Received, limits ?? DecodeLimits.Live);

    /// <summary>The one sample of a message of which nothing is refused.</summary>
    public static Sample OneSample(string topic, string json)
    {
        var decoded = Decode(topic, json);
        Assert.Empty(decoded.Rejections);
        return Assert.Single(decoded.Samples);
    }

    /// <summary>The one entry of a message of which nothing is refused.</summary>
    public static T OneEntry<T>(string topic, string json)
    {
        var decoded = Decode(topic, json);
        Assert.Empty(decoded.Rejections);
        return Assert.IsType<T>(Assert.Single(decoded.Entries).Value);
    }

    public static void AssertRefused(string topic, string json, string reason) =>
        AssertRefused(Decode(topic, json), reason);

    /// <summary>Nothing kept, one reason, and no word of the payload in the detail.</summary>
    public static void AssertRefused(Decoded decoded, string reason)
    {
        var rejection = Assert.Single(decoded.Rejections);
        Assert.Equal(reason, rejection.Reason);
        Assert.InRange(rejection.Detail.Length, 1, 200);
        Assert.Null(rejection.Index);
        Assert.Empty(decoded.Samples);
        Assert.Empty(decoded.Entries);
        Assert.Null(decoded.Status);
    }

    /// <summary>What was decoded is written and decoded again, and is still the same.</summary>
    public static void AssertRoundTrip(Decoded decoded)
    {
        foreach (var samples in decoded.Samples.GroupBy(s => WireEncoder.LeadOf(s.Series))
            .Select(g => g.ToList()))
        {
            var lead = samples[0].Series;
            var topic = $"spasmstream/v1/in/ada/{lead.Device}/{WireEncoder.KindOf(lead.Signal)}";
            var again = new WireDecoder().Decode(
                topic, WireEncoder.Encode(samples), samples[0].Received,
                DecodeLimits.AnyTime with { PayloadBytes = int.MaxValue });
            Assert.Empty(again.Rejections);
            Assert.Equal(0, again.UnknownMembers);
            Assert.Equal(InOrder(samples), InOrder(again.Samples));
        }
    }

    static IEnumerable<Sample> InOrder(IEnumerable<Sample> samples) => samples
        .OrderBy(s => s.Series.Signal).ThenBy(s => s.Start).ThenBy(s => s.Duration).ThenBy(s => s.Value)
        .ThenBy(s => s.Flags).ThenBy(s => s.Revision).ThenBy(s => s.Quality).ThenBy(s => s.OffsetMinutes);

    /// <summary>A heart rate message with this in place of the number.</summary>
    public static string Bpm(string value) => $$"""{"v":1,"t":{{Ms}},"bpm":{{value}}}""";

    /// <summary>A heart rate message with this in place of the instant.</summary>
    public static string At(string time) => $$"""{"v":1,"t":{{time}},"bpm":61}""";
}
