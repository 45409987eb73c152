using System.Text.Json;
using NodaTime.Text;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Tests.Simulators;

/// <summary>What a stranger can learn from a simulated wearer's messages, read back as JSON.</summary>
sealed class Published
{
    static readonly OffsetDateTimePattern Time = OffsetDateTimePattern.ExtendedIso;

    public SortedDictionary<Instant, int> HeartRate { get; } = [];

    public SortedDictionary<Instant, int> Steps { get; } = [];

    public List<(Instant Onset, Instant Wake, double AsleepHours)> Nights { get; } = [];

    /// <summary>Migraine onsets that are known to the hour or better, by id.</summary>
    public SortedDictionary<string, (Instant Start, Instant? End)> Attacks { get; } = [];

    public SortedSet<string> AttackIds { get; } = [];

    public List<(Instant Start, string Region)> Spasms { get; } = [];

    public SortedDictionary<LocalDate, int> Stress { get; } = [];

    public HashSet<LocalDate> SaidNoAttack { get; } = [];

    public List<(Instant At, string Type, double? Quantity)> Triggers { get; } = [];

    public static Instant Now { get; } = Instant.FromUtc(2026, 11, 18, 11, 0);

    public static WearerOptions Options(
        Character character, long seed = 1, int days = 200, LastDay lastDay = LastDay.Usual,
        Instant? until = null, string zone = "Europe/Berlin") =>
        new("ada", character, DateTimeZoneProviders.Tzdb[zone], seed, days, until ?? Now, lastDay);

    public static Published By(WearerOptions options, bool minutes = true)
    {
        var published = new Published();
        foreach (var message in new SimulatedWearer(options).Messages())
            if (minutes || message.Topic.Split('/')[^1] is not ("heart-rate" or "steps"))
                published.Read(message, options.Zone);
        return published;
    }

    public double OnsetsAMonth(int days) => AttackIds.Count * 30.4 / days;

    public bool HasOnset(Instant from, Instant until) =>
        Attacks.Values.Any(attack => from < attack.Start && attack.Start <= until);

    public void Read(WireMessage message) => Read(message, DateTimeZone.Utc);

    void Read(WireMessage message, DateTimeZone zone)
    {
        using var document = JsonDocument.Parse(message.Payload);
        var kind = message.Topic.Split('/')[^1];
        if (document.RootElement.ValueKind == JsonValueKind.Array)
            foreach (var item in document.RootElement.EnumerateArray())
                Read(kind, item, zone);
        else
            Read(kind, document.RootElement, zone);
    }

    void Read(string kind, JsonElement item, DateTimeZone zone)
    {
        Assert.Equal(1, item.GetProperty("v").GetInt32());
        switch (kind)
        {
            case "heart-rate":
                Columns(item, "bpm", HeartRate);
                break;
            case "steps":
                Columns(item, "steps", Steps);
                break;
            case "sleep":
                var onset = At(item);
                Nights.Add((onset, onset + Ms(item, "dur"), Ms(item, "asleep").TotalHours));
                break;
            case "episode":
                Episode(item);
                break;
            case "state":
                Stress[At(item).InZone(zone).Date] = item.GetProperty("stress").GetInt32();
                break;
            case "trigger":
                Triggers.Add((At(item), item.GetProperty("type").GetString()!,
                    item.TryGetProperty("qty", out var quantity) ? quantity.GetDouble() : null));
                break;
        }
    }

    void Episode(JsonElement item)
    {
        var id = item.GetProperty("id").GetString()!;
        if (item.TryGetProperty("none", out _))
        {
            SaidNoAttack.Add(LocalDatePattern.Iso.Parse(item.GetProperty("day").GetString()!).Value);
            return;
        }
        if (item.GetProperty("type").GetString() == "spasm")
        {
            Spasms.Add((At(item), item.GetProperty("region").GetString()!));
            return;
        }
        AttackIds.Add(id);
        if (!item.TryGetProperty("t", out _))
            return;
        Attacks[id] = (At(item), item.TryGetProperty("end", out var end) ? Parse(end) : null);
    }

    static void Columns(JsonElement item, string name, SortedDictionary<Instant, int> into)
    {
        var (t0, step) = (item.GetProperty("t0").GetInt64(), item.GetProperty("step").GetInt64());
        var i = 0;
        foreach (var value in item.GetProperty(name).EnumerateArray())
        {
            if (value.ValueKind == JsonValueKind.Number)
                into.Add(Instant.FromUnixTimeMilliseconds(t0 + i * step), value.GetInt32());
            i++;
        }
    }

    static Instant At(JsonElement item) => Parse(item.GetProperty("t"));

    static Instant Parse(JsonElement time) => Time.Parse(time.GetString()!).Value.ToInstant();

    static Duration Ms(JsonElement item, string name) =>
        Duration.FromMilliseconds(item.GetProperty(name).GetInt64());
}
