using System.Text;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Worker.Hosting;

/// <summary>What may be wrong with the account and the filter at an external broker.</summary>
static class MqttCheck
{
    // What we publish ourselves: who reads it back refuses it, and never comes to an end.
    static readonly string[] Own = ["spasmstream/v1/out/#", "spasmstream/v1/dead/#"];

    public static void Faults(MqttOptions mqtt, List<string> faults)
    {
        if (string.IsNullOrEmpty(mqtt.Host))
            return;
        if (mqtt.User is { Length: > 0 } && string.IsNullOrEmpty(mqtt.Password))
            faults.Add("Mqtt:Password: Mqtt:User is set, but no password; give it by environment.");
        if (mqtt.Password is { Length: > 0 } && string.IsNullOrEmpty(mqtt.User))
            faults.Add("Mqtt:User: Mqtt:Password is set, but nobody it belongs to.");
        if (!IsFilter(mqtt.Filter))
            faults.Add("Mqtt:Filter: not a topic filter; # only as the last level, + only as a whole level.");
        else if (Own.FirstOrDefault(own => Overlap(mqtt.Filter, own)) is { } both)
            faults.Add($"Mqtt:Filter: overlaps with {both}, which we publish to ourselves.");
    }

    /// <summary>Whether MQTT knows it as a filter.</summary>
    public static bool IsFilter(string filter)
    {
        if (filter.Length == 0 || filter.Contains('\0') || Encoding.UTF8.GetByteCount(filter) > 65_535)
            return false;
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
            if (levels[i].Length > 1 && levels[i].AsSpan().ContainsAny('+', '#')
                || levels[i] == "#" && i < levels.Length - 1)
                return false;
        return true;
    }

    /// <summary>Whether some topic matches both filters.</summary>
    public static bool Overlap(string one, string other) => Overlap(one.Split('/'), other.Split('/'));

    static bool Overlap(ReadOnlySpan<string> one, ReadOnlySpan<string> other)
    {
        for (var i = 0; ; i++)
        {
            if (i < one.Length && one[i] == "#" || i < other.Length && other[i] == "#")
                return true;
            if (i == one.Length || i == other.Length)
                // "a/#" matches "a" as well.
                return one.Length == other.Length
                    || i + 1 == Math.Max(one.Length, other.Length)
                        && (one.Length > other.Length ? one : other)[^1] == "#";
            if (one[i] != other[i] && one[i] != "+" && other[i] != "+")
                return false;
        }
    }
}
