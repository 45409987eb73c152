using NodaTime;

namespace SpasmStream.Core.Features;

/// <summary>One minute of one wearer, folded over devices by preference, never summed over them.</summary>
/// <param name="HeartRate">
/// Median heart rate in beats per minute; null when nothing usable was measured.
/// </param>
/// <param name="Steps">Steps in the minute; null when no step source covered it.</param>
public readonly record struct MinuteCell(double? HeartRate, double? Steps)
{
    /// <summary>Whether anything showed that a device was worn.</summary>
    public bool IsWorn => HeartRate is not null || Steps > 0;
}

/// <summary>The sixty minutes of one UTC hour of one wearer, as known at one instant.</summary>
/// <param name="Start">The start of the hour, UTC.</param>
/// <param name="KnownAt">What had been received by then is in it, nothing else.</param>
/// <param name="Minutes">Sixty cells.</param>
public sealed record HourSummary(Instant Start, Instant KnownAt, IReadOnlyList<MinuteCell> Minutes);
