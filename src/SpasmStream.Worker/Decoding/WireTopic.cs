using System.Text;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>An input topic taken apart: <c>spasmstream/v1/in/wearer/device/kind</c>.</summary>
sealed class WireTopic(WearerId wearer, string device, WireKind kind)
{
    const int MaxBytes = 256;
    const string Prefix = "spasmstream/v1/in/";

    public WearerId Wearer { get; } = wearer;

    public string WearerText { get; } = wearer.ToString();

    public string Device { get; } = device;

    /// <summary>What the last level names.</summary>
    public WireKind Kind { get; } = kind;

    /// <summary>The sources seen on this topic with their series.</summary>
    public SourceList Sources { get; } = new(device);

    /// <summary>Null with a reason code when the topic is not exactly one of ours.</summary>
    public static WireTopic? Parse(string topic, out string reason)
    {
        reason = ReasonCode.Topic;
        if (topic.Length > MaxBytes || !topic.StartsWith(Prefix, StringComparison.Ordinal)
            || !IsPublishable(topic))
            return null;

        var levels = topic[Prefix.Length..].Split('/');
        if (levels.Length != 3 || levels.Contains(""))
            return null;

        if (!IsName(levels[0]) || levels[0] == "worker" || !IsName(levels[1]))
        {
            reason = ReasonCode.Id;
            return null;
        }

        return WireKind.Find(levels[1], levels[2]) is { } kind
            ? new WireTopic(new WearerId(levels[0]), levels[1], kind)
            : null;
    }

    // A column of every time series database is called "time": no wearer or device may be.
    static bool IsName(string level) => WearerId.IsValid(level) && level != "time";

    /// <summary>Whether MQTT lets anyone publish to it and it fits.</summary>
    static bool IsPublishable(string topic)
    {
        if (topic.AsSpan().ContainsAny('\0', '+', '#') || topic.Contains('\uFFFD'))
            return false;
        foreach (var rune in topic.EnumerateRunes())
            if (rune == Rune.ReplacementChar)
                return false;
        return Encoding.UTF8.GetByteCount(topic) <= MaxBytes;
    }
}
