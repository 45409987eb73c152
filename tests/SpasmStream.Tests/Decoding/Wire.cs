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

    /// <summary>A heart rate message with this in place of the number.</summary>
    public static string Bpm(string value) => $$"""{"v":1,"t":{{Ms}},"bpm":{{value}}}""";

    /// <summary>A heart rate message with this in place of the instant.</summary>
    public static string At(string time) => $$"""{"v":1,"t":{{time}},"bpm":61}""";
}
