using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Samples of a column, one step apart, that were received together: the first says when for all of them,
/// because a whole number more on each line is a quarter of InfluxDB's work.
/// </summary>
/// <param name="First">Where the first starts, Unix milliseconds.</param>
/// <param name="Step">Milliseconds from one start to the next.</param>
/// <param name="To">Where the last one starts.</param>
/// <param name="Received">When all of them were received, Unix milliseconds.</param>
readonly record struct ReceiptRun(long First, long Step, long To, long Received)
{
    /// <summary>Shorter than this, each says it for itself.</summary>
    const int Fewest = 4;

    /// <summary>
    /// A run stays within an hour, so that a reader knows how far to look back, and so that InfluxDB, which
    /// lets go of whole hours, days or weeks, never keeps a run without its first.
    /// </summary>
    public const long WithinMs = 3_600_000;

    /// <summary>Whether there is one.</summary>
    public bool Exists => Step > 0;

    /// <summary>
    /// Whether a sample of the same series and duration that does not say when it was received is of this
    /// run. What stands at an instant was stored once, and a run has no holes: nothing else can be there.
    /// </summary>
    public bool Holds(long start) => start >= First && start <= To && (start - First) % Step == 0;

    /// <summary>The beginning of the hour of an instant.</summary>
    public static long HourOf(long at) => at - (((at % WithinMs) + WithinMs) % WithinMs);

    /// <summary>The run that begins at a sample and how many it has; none and 1 when it is alone.</summary>
    public static (ReceiptRun Run, int Length) At(IReadOnlyList<ForwardSample> samples, int from)
    {
        if (from + Fewest > samples.Count)
            return (default, 1);
        var first = samples[from];
        var step = samples[from + 1].Start - first.Start;
        if (step <= 0 || !CanShare(first))
            return (default, 1);
        var end = HourOf(first.Start) + WithinMs;
        var length = 1;
        for (; from + length < samples.Count; length++)
        {
            var next = samples[from + length];
            if (next.Start != first.Start + (length * step) || next.Start >= end || !Alike(first, next))
                break;
        }

        return length < Fewest ? (default, 1)
            : (new(first.Start, step, first.Start + ((length - 1) * step), first.Received), length);
    }

    static bool Alike(in ForwardSample one, in ForwardSample other) =>
        ReferenceEquals(one.Series, other.Series) && one.Duration == other.Duration
        && one.Received == other.Received && CanShare(other);

    // What replaced another says it for itself, and a sample without a number has no line to say it on.
    static bool CanShare(in ForwardSample sample) =>
        !sample.Gone && !sample.StandsAgain && double.IsFinite(sample.Value);
}
