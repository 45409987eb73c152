using NodaTime;

namespace SpasmStream.Core.Episodes;

/// <summary>What kind of episode the wearer logged.</summary>
public enum EpisodeType
{
    /// <summary>Migraine attack.</summary>
    Migraine,

    /// <summary>Aura, with or without headache.</summary>
    Aura,

    /// <summary>Tension-type headache.</summary>
    Tension,

    /// <summary>Cluster headache.</summary>
    Cluster,

    /// <summary>Muscle spasm or cramp.</summary>
    Spasm,

    /// <summary>Seizure.</summary>
    Seizure,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>How well the onset is known.</summary>
public enum OnsetCertainty
{
    /// <summary>To the minute.</summary>
    Exact,

    /// <summary>Within the stated uncertainty.</summary>
    Approximate,

    /// <summary>The wearer woke with it.</summary>
    OnWaking,

    /// <summary>Only the day is known: it labels the day, never an hour.</summary>
    DayOnly,
}

/// <summary>Where a spasm was.</summary>
public enum SpasmRegion
{
    /// <summary>Neck or shoulder.</summary>
    NeckShoulder,

    /// <summary>Jaw.</summary>
    Jaw,

    /// <summary>Back.</summary>
    Back,

    /// <summary>Calf or foot.</summary>
    CalfFoot,

    /// <summary>Elsewhere.</summary>
    Other,
}

/// <summary>The Penn spasm frequency scale as two numbers.</summary>
/// <param name="Frequency">0 to 4.</param>
/// <param name="Severity">1 to 3.</param>
public readonly record struct PennScale(int Frequency, int Severity);

/// <summary>Something the wearer logged in the diary. Edits are new versions, never overwrites.</summary>
public abstract record DiaryEntry
{
    /// <summary>Identity: the sender's id, else derived from the instant and the type.</summary>
    public required string Id { get; init; }

    /// <summary>When this version reached us.</summary>
    public required Instant Received { get; init; }

    /// <summary>Higher replaces lower for one id.</summary>
    public int Revision { get; init; }

    /// <summary>Whether this version takes the entry back.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>Free text, at most 4,000 characters.</summary>
    public string? Note { get; init; }
}

/// <summary>An attack or spasm: the label everything is judged by.</summary>
public sealed record Episode : DiaryEntry
{
    /// <summary>What it was.</summary>
    public required EpisodeType Type { get; init; }

    /// <summary>Onset; null when only <see cref="Day"/> is known.</summary>
    public Instant? Start { get; init; }

    /// <summary>The local day of a day-only onset.</summary>
    public LocalDate? Day { get; init; }

    /// <summary>When it ended; null when not known.</summary>
    public Instant? End { get; init; }

    /// <summary>How well the onset is known.</summary>
    public OnsetCertainty Onset { get; init; }

    /// <summary>Half-width of the onset's uncertainty.</summary>
    public Duration Uncertainty { get; init; }

    /// <summary>When the wearer says it was logged.</summary>
    public Instant? Logged { get; init; }

    /// <summary>0 to 10.</summary>
    public double? Severity { get; init; }

    /// <summary>Whether aura came with it.</summary>
    public bool? Aura { get; init; }

    /// <summary>Side of the head or body.</summary>
    public string? Side { get; init; }

    /// <summary>Symptoms as logged.</summary>
    public IReadOnlyList<string> Symptoms { get; init; } = [];

    /// <summary>Where a spasm was.</summary>
    public SpasmRegion? Region { get; init; }

    /// <summary>What a spasm came with or after: after_exertion, heat, low_fluids, asleep.</summary>
    public IReadOnlyList<string> Context { get; init; } = [];

    /// <summary>Bursts of a spasm.</summary>
    public int? Count { get; init; }

    /// <summary>Penn spasm scale.</summary>
    public PennScale? Penn { get; init; }
}

/// <summary>"No attack on this day": an explicit negative, worth as much as an attack.</summary>
public sealed record NoAttack : DiaryEntry
{
    /// <summary>The local day without an attack.</summary>
    public required LocalDate Day { get; init; }
}

/// <summary>
/// Something that may matter: a trigger, a protector, a habit. A quantity of 0 is an explicit no.
/// </summary>
public sealed record Trigger : DiaryEntry
{
    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>
    /// Its name on the wire, such as <c>alcohol</c>, <c>caffeine</c>, <c>meal</c>, <c>menses</c>.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>How much; 0 is an explicit no; null means it happened, amount not told.</summary>
    public double? Quantity { get; init; }

    /// <summary>Unit of the quantity as sent.</summary>
    public string? Unit { get; init; }

    /// <summary>0 to 10.</summary>
    public double? Level { get; init; }

    /// <summary>For menses: 1 is the first day.</summary>
    public int? Day { get; init; }

    /// <summary>More precise name, such as <c>aged cheese</c> or <c>stretching</c>.</summary>
    public string? Label { get; init; }
}

/// <summary>A medicine taken.</summary>
public sealed record Dose : DiaryEntry
{
    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>Its name as the wearer writes it.</summary>
    public required string Name { get; init; }

    /// <summary>How much, in <see cref="Unit"/>.</summary>
    public double? Amount { get; init; }

    /// <summary>Unit of the amount.</summary>
    public string? Unit { get; init; }

    /// <summary><c>acute</c> or <c>preventive</c>.</summary>
    public string? Class { get; init; }

    /// <summary>
    /// Class of substance: triptan, ergot, opioid, combination, simple_analgesic, nsaid, gepant, other.
    /// </summary>
    public string? Drug { get; init; }

    /// <summary>The episode it was taken for.</summary>
    public string? For { get; init; }

    /// <summary>Relief, 0 to 10.</summary>
    public double? Effect { get; init; }
}

/// <summary>How the wearer feels: the evening check-in.</summary>
public sealed record CheckIn : DiaryEntry
{
    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>0 to 10.</summary>
    public double? Stress { get; init; }

    /// <summary>0 to 10.</summary>
    public double? Mood { get; init; }

    /// <summary>0 to 10.</summary>
    public double? Fatigue { get; init; }
}
