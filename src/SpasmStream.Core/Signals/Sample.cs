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
    // Sixty of these are made for a message, so they are kept small: whole milliseconds and no nullables.
    readonly long _startMs;
    readonly long _receivedMs;
    readonly long _durationMs;
    readonly double _quality;
    readonly int _offsetMinutes;
    readonly bool _hasQuality;
    readonly bool _hasOffset;

    /// <summary>The stream it belongs to.</summary>
    public required Series Series { get; init; }

    /// <summary>When it happened, to the millisecond, or when its interval began.</summary>
    public required Instant Start
    {
        get => Instant.FromUnixTimeMilliseconds(_startMs);
        init => _startMs = value.ToUnixTimeMilliseconds();
    }

    /// <summary>The value in the signal's unit.</summary>
    public required double Value { get; init; }

    /// <summary>
    /// When it reached us first, to the millisecond; what was known at an instant is what had been received
    /// by then.
    /// </summary>
    public required Instant Received
    {
        get => Instant.FromUnixTimeMilliseconds(_receivedMs);
        init => _receivedMs = value.ToUnixTimeMilliseconds();
    }

    /// <summary>
    /// Length of the half-open interval [Start, Start + Duration), to the millisecond; zero for an instant.
    /// </summary>
    public Duration Duration
    {
        get => Duration.FromMilliseconds(_durationMs);
        init => _durationMs = (long)value.TotalMilliseconds;
    }

    /// <summary>0 to 1, 1 best; null when unknown.</summary>
    public double? Quality
    {
        get => _hasQuality ? _quality : null;
        init => (_hasQuality, _quality) = (value is not null, value ?? 0);
    }

    /// <summary>What is known about how it came to be.</summary>
    public SampleFlags Flags { get; init; }

    /// <summary>The wearer's UTC offset then, when the sender said so.</summary>
    public int? OffsetMinutes
    {
        get => _hasOffset ? _offsetMinutes : null;
        init => (_hasOffset, _offsetMinutes) = (value is not null, value ?? 0);
    }

    /// <summary>The sender's revision; higher replaces lower.</summary>
    public int Revision { get; init; }
}
