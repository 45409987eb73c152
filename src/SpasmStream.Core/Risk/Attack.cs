using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>Where an instant lies among the attacks.</summary>
public enum AttackPhase
{
    /// <summary>No attack and none in the 24 hours before: at risk of a new one.</summary>
    Free,

    /// <summary>During an attack.</summary>
    Attack,

    /// <summary>Within 24 hours after an attack.</summary>
    AfterAttack,
}

/// <summary>
/// One attack: one or more logged episodes with less than 24 hours between them (science 4.1).
/// </summary>
/// <param name="Id">The id of its first episode.</param>
/// <param name="Start">Where the mask begins: the onset, or noon of the day of a day-only onset.</param>
/// <param name="End">Its end; 24 hours after the last onset when no end was logged.</param>
/// <param name="Day">The local day of a day-only onset; null when the hour is known.</param>
public sealed record Attack(string Id, Instant Start, Instant End, LocalDate? Day)
{
    /// <summary>The onset, when its hour is known.</summary>
    public Instant? Onset => Day is null ? Start : null;
}
