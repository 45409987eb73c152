using NodaTime;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Simulators.Wearers;

/// <summary>A migraine attack as it really was; what the diary makes of it is another matter.</summary>
sealed record Attack(Instant Start, Instant End, int Severity, bool Aura, string Side)
{
    public bool Covers(Instant at) => Start <= at && at < End;

    public bool Overlaps(Instant start, Instant end) => Start < end && start < End;
}

/// <summary>A muscle spasm as it really was.</summary>
sealed record Spasm(Instant Start, SpasmRegion Region, int Severity, bool Asleep);

/// <summary>One day of a wearer with the night it began with: everything but the minutes.</summary>
sealed record DayPlan
{
    /// <summary>Days since the first simulated one.</summary>
    public required int Index { get; init; }

    public required LocalDate Date { get; init; }
    public required bool IsFree { get; init; }
    public required Night Night { get; init; }
    public required double RestingBpm { get; init; }

    /// <summary>What the wearer will say in the evening, 0 to 10.</summary>
    public required int Stress { get; init; }

    /// <summary>Scales how much the wearer walks today.</summary>
    public required double StepsFactor { get; init; }

    public required bool Exercises { get; init; }
    public required bool MensesStart { get; init; }

    /// <summary>One of the last days before the present: worn throughout, checked in, no feast.</summary>
    public required bool IsLastDays { get; init; }

    public required IReadOnlyList<Spasm> Spasms { get; init; }

    /// <summary>Attacks decided today; one in the small hours of tomorrow is today's.</summary>
    public required IReadOnlyList<Attack> Attacks { get; init; }
}
