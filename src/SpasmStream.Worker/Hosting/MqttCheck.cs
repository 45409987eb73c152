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
        foreach (var (i, filter) in mqtt.Filters.Index())
            if (Own.FirstOrDefault(own => TopicFilters.Overlap(filter, own)) is { } both)
                faults.Add($"Mqtt:Filters:{i}: overlaps with {both}, which we publish to ourselves.");
    }
}
