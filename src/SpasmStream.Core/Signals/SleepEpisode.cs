using NodaTime;

namespace SpasmStream.Core.Signals;

/// <summary>
/// Stages as devices report them. The numbers are those of the sample model: never renumber.
/// </summary>
public enum SleepStage
{
    /// <summary>Awake in bed.</summary>
    Awake = 0,

    /// <summary>N1 or N2.</summary>
    Light = 1,

    /// <summary>N3.</summary>
    Deep = 2,

    /// <summary>Rapid eye movement sleep.</summary>
    Rem = 3,

    /// <summary>Asleep, stage not told.</summary>
    Asleep = 4,

    /// <summary>Restless; counted as wake.</summary>
    Restless = 5,

    /// <summary>Out of bed.</summary>
    Out = 6,

    /// <summary>Not known.</summary>
    Unknown = 9,
}

/// <summary>One run of one stage, relative to the start of its sleep episode.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Offset">From the episode's start; never negative.</param>
/// <param name="Length">Its length; never negative.</param>
public readonly record struct StageRun(SleepStage Stage, Duration Offset, Duration Length);

/// <summary>One recorded sleep, a night or a nap, as a device summed it up.</summary>
public sealed record SleepEpisode
{
    /// <summary>The device that recorded it.</summary>
    public required string Device { get; init; }

    /// <summary>Identity: the sender's id, else derived from the start.</summary>
    public required string Id { get; init; }

    /// <summary>Falling asleep.</summary>
    public required Instant Start { get; init; }

    /// <summary>Final awakening; after <see cref="Start"/>, at most 24 h later.</summary>
    public required Instant End { get; init; }

    /// <summary>When it reached us.</summary>
    public required Instant Received { get; init; }

    /// <summary>Higher replaces lower for one id.</summary>
    public int Revision { get; init; }

    /// <summary>
    /// Whether it was put together from live events: it counts only where no complete record overlaps it.
    /// </summary>
    public bool Provisional { get; init; }

    /// <summary>Whether the sender calls it the main sleep; null when unstated.</summary>
    public bool? Main { get; init; }

    /// <summary>IANA zone of the sleeper then, when stated.</summary>
    public string? Zone { get; init; }

    /// <summary>Time asleep, when stated.</summary>
    public Duration? Asleep { get; init; }

    /// <summary>Time from lights out to sleep, when stated.</summary>
    public Duration? Latency { get; init; }

    /// <summary>Wake after sleep onset, when stated.</summary>
    public Duration? Waso { get; init; }

    /// <summary>Number of awakenings, when stated.</summary>
    public int? Awakenings { get; init; }

    /// <summary>In bed from, when stated.</summary>
    public Instant? InBedStart { get; init; }

    /// <summary>In bed until, when stated.</summary>
    public Instant? InBedEnd { get; init; }

    /// <summary>The hypnogram in order of time; empty when only totals are known.</summary>
    public IReadOnlyList<StageRun> Stages { get; init; } = [];
}
