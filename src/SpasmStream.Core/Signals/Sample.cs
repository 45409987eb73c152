using NodaTime;

namespace SpasmStream.Core.Signals;

/// <summary>Which stream of values a sample belongs to, for one wearer.</summary>
/// <param name="Device">The thing worn.</param>
/// <param name="Signal">What it measured; fixes the unit.</param>
/// <param name="Stat">What a value stands for.</param>
/// <param name="Source">The program or bridge it came by; empty when unstated.</param>
public sealed record Series(string Device, Signal Signal, Stat Stat, string Source);

/// <summary>One measured value.</summary>
/// <remarks>
/// Its identity is (wearer, series, start, duration). Of two values with one identity the higher
/// <see cref="Revision"/> wins, else the later <see cref="Received"/>.
/// </remarks>
public readonly record struct Sample
{
    /// <summary>The stream it belongs to.</summary>
    public required Series Series { get; init; }

    /// <summary>When it happened, to the millisecond, or when its interval began.</summary>
    public required Instant Start { get; init; }

    /// <summary>The value in the signal's unit.</summary>
    public required double Value { get; init; }

    /// <summary>
    /// When it reached us first; what was known at an instant is what had been received by then.
    /// </summary>
    public required Instant Received { get; init; }

    /// <summary>Length of the half-open interval [Start, Start + Duration); zero for an instant.</summary>
    public Duration Duration { get; init; }

    /// <summary>0 to 1, 1 best; null when unknown.</summary>
    public double? Quality { get; init; }

    /// <summary>What is known about how it came to be.</summary>
    public SampleFlags Flags { get; init; }

    /// <summary>The wearer's UTC offset then, when the sender said so.</summary>
    public int? OffsetMinutes { get; init; }

    /// <summary>The sender's revision; higher replaces lower.</summary>
    public int Revision { get; init; }
}
