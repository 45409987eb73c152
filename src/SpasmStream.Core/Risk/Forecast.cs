using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>When in the day a forecast was made.</summary>
public enum ForecastKind
{
    /// <summary>After waking, with the night known: the one that is scored.</summary>
    Morning,

    /// <summary>At 20:00 local.</summary>
    Evening,

    /// <summary>After a late night record; never scored.</summary>
    Update,
}

/// <summary>How a forecast compares with the wearer's own usual chance.</summary>
public enum Band
{
    /// <summary>Not enough was known.</summary>
    Unknown,

    /// <summary>Below three quarters of the usual chance.</summary>
    Lower,

    /// <summary>About the usual chance.</summary>
    Usual,

    /// <summary>At least one and a half times the usual chance.</summary>
    Raised,

    /// <summary>At least two and a half times the usual chance, or worth an alert.</summary>
    High,
}

/// <summary>One feature as the forecast used it.</summary>
/// <param name="Name">Its id in science 3, such as <c>sleep_short</c>.</param>
/// <param name="Value">The standardised value f_j, or 0/1 for an exposure; null when missing.</param>
/// <param name="Weight">The log-odds per unit of <paramref name="Value"/>.</param>
/// <param name="Push">
/// Weight times (value minus the wearer's own usual value): what it did to the forecast.
/// </param>
public readonly record struct FeatureUse(string Name, double? Value, double Weight, double Push);

/// <summary>A reason in the wearer's own numbers.</summary>
/// <param name="Feature">The feature that pushed, such as <c>sleep_short</c>.</param>
/// <param name="Measure">What was measured, such as <c>tst</c>.</param>
/// <param name="Value">The number now, in <paramref name="Unit"/>; null for a yes.</param>
/// <param name="Usual">The wearer's usual number; null for a yes-or-no.</param>
/// <param name="Unit">UCUM unit, such as <c>min</c>, <c>/min</c>, <c>1</c>.</param>
/// <param name="Push">Log-odds; above 0 raises the forecast.</param>
public sealed record Reason(
    string Feature, string Measure, double? Value, double? Usual, string Unit, double Push);

/// <summary>A risk window written down before its time. Nothing ever rewrites one.</summary>
public sealed record Forecast
{
    /// <summary>When it was made; it used what had been received by then.</summary>
    public required Instant Issued { get; init; }

    /// <summary>The local date it was made on.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>When in the day it was made.</summary>
    public required ForecastKind Kind { get; init; }

    /// <summary>What is forecast: <c>migraine</c> or <c>spasm</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Chance of a new onset in the 24 h after <see cref="Issued"/>; null when unknown.</summary>
    public double? Probability { get; init; }

    /// <summary>The wearer's own running base rate b_t at that instant.</summary>
    public required double BaseRate { get; init; }

    /// <summary>Probability over base rate; null when unknown.</summary>
    public double? RelativeRisk => Probability / BaseRate;

    /// <summary>The band.</summary>
    public required Band Band { get; init; }

    /// <summary>False during an attack and for 24 h after it.</summary>
    public required bool AtRisk { get; init; }

    /// <summary>
    /// Why the band is unknown or the wearer not at risk, as one word such as <c>no_night</c>; else null.
    /// </summary>
    public string? Gap { get; init; }

    /// <summary>Share of the active features' absolute weight that was present, 0 to 1.</summary>
    public required double Coverage { get; init; }

    /// <summary>Receipt of the newest thing it used; null when nothing had been received.</summary>
    public Instant? DataUntil { get; init; }

    /// <summary>The skill gate's state then: learning, promising or validated.</summary>
    public required string Gate { get; init; }

    /// <summary>Engine and version.</summary>
    public required string Model { get; init; }

    /// <summary>Whether an alert went with it.</summary>
    public bool Alerted { get; init; }

    /// <summary>Every feature as used: the vector a later refit reads.</summary>
    public required IReadOnlyList<FeatureUse> Features { get; init; }

    /// <summary>What pushed most, in the wearer's own numbers; largest first.</summary>
    public required IReadOnlyList<Reason> Reasons { get; init; }
}
