using NodaTime;

namespace SpasmStream.Core.Signals;

/// <summary>From when on a wearer lived in a zone.</summary>
/// <param name="From">The first instant in the zone.</param>
/// <param name="Zone">The zone.</param>
public readonly record struct ZoneStay(Instant From, DateTimeZone Zone);

/// <summary>How a wearer wants to be told.</summary>
public enum AlertMode
{
    /// <summary>From day 28 on, each alert marked experimental.</summary>
    Early,

    /// <summary>From the gate state "promising" on.</summary>
    Promising,

    /// <summary>Only once the gate is validated.</summary>
    Validated,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>A wearer's sex, as told.</summary>
public enum Sex
{
    /// <summary>Female.</summary>
    Female,

    /// <summary>Male.</summary>
    Male,

    /// <summary>Neither of these.</summary>
    Other,
}

/// <summary>What a wearer told us about themselves once.</summary>
public sealed record WearerProfile
{
    /// <summary>Where the wearer lived when, oldest first; never empty.</summary>
    public required IReadOnlyList<ZoneStay> Zones { get; init; }

    /// <summary>Days off in an ordinary week.</summary>
    public IReadOnlySet<IsoDayOfWeek> FreeDays { get; init; } =
        new HashSet<IsoDayOfWeek> { IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday };

    /// <summary>Stated attacks a month; null when unstated.</summary>
    public double? AttacksPerMonth { get; init; }

    /// <summary>Stated migraine days a month; null when unstated.</summary>
    public double? MigraineDaysPerMonth { get; init; }

    /// <summary>Sex; null when unstated.</summary>
    public Sex? Sex { get; init; }

    /// <summary>Year of birth, for the expected maximal heart rate; null when unstated.</summary>
    public int? BirthYear { get; init; }

    /// <summary>Start of the hours without pushes, local.</summary>
    public LocalTime QuietFrom { get; init; } = new(22, 0);

    /// <summary>End of the hours without pushes, local.</summary>
    public LocalTime QuietUntil { get; init; } = new(6, 0);

    /// <summary>How the wearer wants to be told.</summary>
    public AlertMode AlertMode { get; init; } = AlertMode.Early;

    /// <summary>Devices in order of preference, most trusted first; unlisted ones follow by name.</summary>
    public IReadOnlyList<string> PreferredDevices { get; init; } = [];

    /// <summary>The zone the wearer lived in at an instant (the first one before its start).</summary>
    public DateTimeZone ZoneAt(Instant at)
    {
        var zone = Zones[0].Zone;
        foreach (var stay in Zones)
            if (stay.From <= at)
                zone = stay.Zone;
        return zone;
    }

    /// <summary>Work or free, by the weekday.</summary>
    public bool IsFree(LocalDate date) => FreeDays.Contains(date.DayOfWeek);

    /// <summary>
    /// The chance of an onset on an at-risk day from the stated numbers, else 0.15 (science 4.5).
    /// </summary>
    public double StatedOnsetRate =>
        AttacksPerMonth is { } attacks
            ? Math.Clamp(attacks / Math.Max(1, 30 - (MigraineDaysPerMonth ?? attacks)), 0.01, 0.9)
            : 0.15;
}
