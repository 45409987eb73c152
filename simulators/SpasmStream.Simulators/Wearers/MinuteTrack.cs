using NodaTime;

namespace SpasmStream.Simulators.Wearers;

/// <summary>Two columns of minutes side by side; <see cref="Gap"/> where nothing was measured.</summary>
sealed class MinuteTrack(Instant start, int length)
{
    public const short Gap = -1;

    /// <summary>The first minute; always a whole one.</summary>
    public Instant Start { get; } = start;

    public Instant End => Start + Duration.FromMinutes(HeartRate.Length);

    public short[] HeartRate { get; } = new short[length];

    public short[] Steps { get; } = new short[length];

    /// <summary>Takes both columns away in the given stretch.</summary>
    public void TakeOff(Instant from, Instant until)
    {
        var (first, last) = (Math.Max(IndexOf(from), 0), Math.Min(IndexOf(until), HeartRate.Length));
        for (var minute = first; minute < last; minute++)
            HeartRate[minute] = Steps[minute] = Gap;
    }

    public int IndexOf(Instant at) => (int)Math.Clamp((at - Start).TotalMinutes, -1, HeartRate.Length);
}
