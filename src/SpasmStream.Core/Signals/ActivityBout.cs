using NodaTime;

namespace SpasmStream.Core.Signals;

/// <summary>How hard a bout of activity was.</summary>
public enum ActivityIntensity
{
    /// <summary>Sitting or lying.</summary>
    Sedentary,

    /// <summary>Light.</summary>
    Light,

    /// <summary>Moderate.</summary>
    Moderate,

    /// <summary>Vigorous.</summary>
    Vigorous,
}

/// <summary>One bout of activity as a device summed it up.</summary>
public sealed record ActivityBout
{
    /// <summary>The device that recorded it.</summary>
    public required string Device { get; init; }

    /// <summary>Identity: the sender's id, else derived from the start and the type.</summary>
    public required string Id { get; init; }

    /// <summary>When it began.</summary>
    public required Instant Start { get; init; }

    /// <summary>When it ended; after <see cref="Start"/>.</summary>
    public required Instant End { get; init; }

    /// <summary>When it reached us.</summary>
    public required Instant Received { get; init; }

    /// <summary>Higher replaces lower for one id.</summary>
    public int Revision { get; init; }

    /// <summary>What it was, in the sender's word, such as <c>walk</c>; null when unstated.</summary>
    public string? Type { get; init; }

    /// <summary>How hard it was, when stated.</summary>
    public ActivityIntensity? Intensity { get; init; }

    /// <summary>Metabolic equivalent of task, when stated.</summary>
    public double? Met { get; init; }

    /// <summary>Smallest heart rate in beats per minute, when stated.</summary>
    public double? HeartRateMin { get; init; }

    /// <summary>Mean heart rate in beats per minute, when stated.</summary>
    public double? HeartRateMean { get; init; }

    /// <summary>Largest heart rate in beats per minute, when stated.</summary>
    public double? HeartRateMax { get; init; }
}
