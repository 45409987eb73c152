using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>
/// A maximal run of issue times with at least 1.5 times the usual chance (science 5.1), half-open in time.
/// It precedes an episode whose onset lies inside it or within 24 h after its start.
/// </summary>
public sealed record RiskWindow
{
    /// <summary>The first issue time of the run.</summary>
    public required Instant Start { get; init; }

    /// <summary>The first issue time after the run; null while open.</summary>
    public Instant? End { get; init; }

    /// <summary>The last issue time of the run so far.</summary>
    public required Instant Updated { get; init; }

    /// <summary>What it warns of.</summary>
    public required string Target { get; init; }

    /// <summary>The highest probability of the run.</summary>
    public required double Peak { get; init; }

    /// <summary>The highest relative risk of the run.</summary>
    public required double PeakRelativeRisk { get; init; }

    /// <summary>The highest band of the run.</summary>
    public required Band Band { get; init; }

    /// <summary>The reasons at the peak; never empty of facts.</summary>
    public required IReadOnlyList<Reason> Reasons { get; init; }

    /// <summary>Whether an onset at <paramref name="onset"/> was preceded by this window.</summary>
    public bool Precedes(Instant onset) =>
        onset >= Start && (onset < Start + Duration.FromHours(24) || End is null || onset < End);
}

/// <summary>What an assessment did to the risk windows.</summary>
public enum WindowChangeKind
{
    /// <summary>A new window.</summary>
    Opened,

    /// <summary>The same window goes on.</summary>
    Updated,

    /// <summary>The run ended.</summary>
    Closed,
}

/// <summary>One step in the life of a risk window.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Window">The window after it happened.</param>
public sealed record WindowChange(WindowChangeKind Kind, RiskWindow Window);
