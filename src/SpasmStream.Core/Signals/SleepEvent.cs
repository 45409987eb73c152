using NodaTime;

namespace SpasmStream.Core.Signals;

/// <summary>What a device tells of a sleep while it happens.</summary>
public enum SleepEventKind
{
    /// <summary>Tracking began.</summary>
    Start,

    /// <summary>Tracking ended.</summary>
    Stop,

    /// <summary>Tracking rests.</summary>
    Pause,

    /// <summary>Tracking goes on.</summary>
    Resume,

    /// <summary>Another stage began.</summary>
    Stage,
}

/// <summary>
/// One live event of a sleep: a guess of the moment. A complete <see cref="SleepEpisode"/> of the same device
/// replaces the provisional stages it covers.
/// </summary>
public sealed record SleepEvent
{
    /// <summary>The device that tells it.</summary>
    public required string Device { get; init; }

    /// <summary>When it happened.</summary>
    public required Instant At { get; init; }

    /// <summary>What happened.</summary>
    public required SleepEventKind Kind { get; init; }

    /// <summary>The stage that began; null unless <see cref="Kind"/> is a stage.</summary>
    public SleepStage? Stage { get; init; }

    /// <summary>When it reached us.</summary>
    public required Instant Received { get; init; }
}
