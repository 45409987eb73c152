using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Triggers;

namespace SpasmStream.Worker.Store;

/// <summary>What one step of a wearer's assessment made.</summary>
sealed record AssessedStep
{
    /// <summary>What had been received by then is in it.</summary>
    public required Instant KnownAt { get; init; }

    /// <summary>Whether this happened on the sender's stated time, not on ours.</summary>
    public required bool Replayed { get; init; }

    /// <summary>Hours folded again, changed or not: they are clean as of <see cref="KnownAt"/>.</summary>
    public IReadOnlyList<ChangedHour> Folded { get; init; } = [];

    /// <summary>Hours whose summary changed.</summary>
    public IReadOnlyList<HourSummary> Hours { get; init; } = [];

    /// <summary>Days whose summary changed.</summary>
    public IReadOnlyList<DaySummary> Days { get; init; } = [];

    /// <summary>The forecast with what it changed; null for a step that only marks.</summary>
    public Assessment? Assessment { get; init; }

    /// <summary>Number of the newest sleep or diary object that was looked at.</summary>
    public long PulledEntry { get; init; }

    /// <summary>
    /// All windows that precede an episode as known now, in place of those marked before; null when no
    /// episode came.
    /// </summary>
    public IReadOnlyList<Preceded>? Preceded { get; init; }
}
