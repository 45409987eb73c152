using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Episodes;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>A habit of the day: how much of what, and when.</summary>
sealed record Habit(string Type, Instant At, string? Unit)
{
    public int? Quantity { get; init; }

    public string? Label { get; init; }
}

/// <summary>Writes the diary's objects other than attacks.</summary>
sealed class DiaryPayload(DateTimeZone zone)
{
    public byte[] State(LocalDate date, Instant at, int stress, int mood, int fatigue) =>
        JsonPayload.Object(json =>
        {
            json.WriteString("id", $"st-{Text(date)}");
            json.WriteString("t", WireTime.Format(at, zone));
            json.WriteNumber("stress", stress);
            json.WriteNumber("mood", mood);
            json.WriteNumber("fatigue", fatigue);
        });

    public byte[] Habits(LocalDate date, IReadOnlyList<Habit> habits) =>
        JsonPayload.Array(habits, (json, habit) =>
        {
            json.WriteString("id", $"tr-{Text(date)}-{habit.Label ?? habit.Type}");
            json.WriteString("t", WireTime.Format(habit.At, zone));
            json.WriteString("type", habit.Type);
            if (habit.Quantity is { } quantity)
                json.WriteNumber("qty", quantity);
            if (habit.Unit is { } unit)
                json.WriteString("unit", unit);
            if (habit.Label is { } label)
                json.WriteString("label", label);
        });

    public byte[] Menses(LocalDate date, Instant at) => JsonPayload.Object(json =>
    {
        json.WriteString("id", $"tr-{Text(date)}-menses");
        json.WriteString("t", WireTime.Format(at, zone));
        json.WriteString("type", "menses");
        json.WriteNumber("day", 1);
    });

    public byte[] NoAttack(LocalDate day, Instant logged) => JsonPayload.Object(json =>
    {
        json.WriteString("id", $"no-{Text(day)}");
        json.WriteString("day", Text(day));
        json.WriteBoolean("none", true);
        json.WriteString("logged", WireTime.Format(logged, zone));
    });

    public byte[] Spasm(LocalDate date, Spasm spasm, int count, bool afterExertion, Instant logged) =>
        JsonPayload.Object(json =>
        {
            json.WriteString("id", $"sp-{Text(date)}-{Region(spasm.Region)}");
            json.WriteString("t", WireTime.Format(spasm.Start, zone));
            json.WriteString("type", "spasm");
            json.WriteNumber("sev", spasm.Severity);
            json.WriteString("region", Region(spasm.Region));
            json.WriteStartArray("context");
            if (spasm.Asleep)
                json.WriteStringValue("asleep");
            else if (afterExertion)
                json.WriteStringValue("after_exertion");
            json.WriteEndArray();
            json.WriteNumber("count", count);
            json.WriteStartObject("penn");
            json.WriteNumber("frequency", Math.Min(count, 4));
            json.WriteNumber("severity", spasm.Severity switch { < 4 => 1, < 7 => 2, _ => 3 });
            json.WriteEndObject();
            json.WriteString("logged", WireTime.Format(logged, zone));
        });

    static string Region(SpasmRegion region) => region switch
    {
        SpasmRegion.NeckShoulder => "neck_shoulder",
        SpasmRegion.Jaw => "jaw",
        SpasmRegion.Back => "back",
        SpasmRegion.CalfFoot => "calf_foot",
        SpasmRegion.Other => "other",
        _ => throw new ArgumentOutOfRangeException(nameof(region), region, "Not a wire region."),
    };

    static string Text(LocalDate date) => LocalDatePattern.Iso.Format(date);
}
