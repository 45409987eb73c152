using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>A reading of a running count, or of when it began; ticks from the hour's start.</summary>
readonly record struct CounterReading(
    long At, bool IsSince, double Value, bool Usable, int Revision, long Received)
{
    // Beyond this a number of milliseconds is no instant of anybody's life.
    const double MillisecondsMax = 253_402_300_800_000;

    public static CounterReading Of(in Sample sample, long hourStart)
    {
        var isSince = sample.Series.Signal == Signal.StepCounterSince;
        var value = sample.Value;
        if (isSince)
            value = Math.Abs(value) < MillisecondsMax
                ? ((long)value * NodaConstants.TicksPerMillisecond) - hourStart : double.NaN;
        return new CounterReading(
            sample.Start.ToUnixTimeTicks() - hourStart, isSince, value,
            (sample.Flags & HourReadings.Unusable) == 0 && sample.Series.Stat is Stat.Raw or Stat.Last,
            sample.Revision, sample.Received.ToUnixTimeTicks());
    }
}

/// <summary>
/// Steps out of the running count of one device and source: the differences of its readings in order of time,
/// each over the stretch since the reading before it (formats 5.2, B43).
/// </summary>
/// <remarks>
/// A count that falls, or that says it began after the reading before it, has been reset: what it says is
/// then counted over [since, reading) when since is stated and does not lie before the reading before it,
/// else it begins again and the stretch is missing. There is no negative difference, and none over more than
/// <see cref="HourFold.StepsMax"/>. More than 300 a minute is not used, nor is a difference one of whose
/// readings was off the skin, implausible or imputed.
/// </remarks>
static class CounterFold
{
    /// <summary>A running count with when it began, as one reading told.</summary>
    readonly record struct Count(CounterReading Total, long? Since);

    /// <summary>The differences as readings of steps, whatever the order of what is handed over.</summary>
    public static IEnumerable<Reading> StepsOf(IEnumerable<CounterReading> readings, int rank)
    {
        Count? before = null;
        foreach (var count in Sort(readings))
        {
            if (StepsOf(before, count, rank) is { } steps)
                yield return steps;
            before = count;
        }
    }

    /// <summary>One count for each instant, of several the one that wins by the rule of samples.</summary>
    static IEnumerable<Count> Sort(IEnumerable<CounterReading> readings)
    {
        var byInstant = readings
            .OrderBy(static r => r.At)
            .ThenBy(static r => r.Revision)
            .ThenBy(static r => r.Received)
            .ThenBy(static r => r.Value)
            .GroupBy(static r => r.At);
        foreach (var instant in byInstant)
        {
            CounterReading? total = null;
            long? since = null;
            foreach (var reading in instant)
                if (!reading.IsSince)
                    total = reading;
                else
                    since = double.IsNaN(reading.Value) ? null : (long)reading.Value;
            if (total is { } told)
                yield return new Count(told, since);
        }
    }

    static Reading? StepsOf(Count? before, in Count now, int rank)
    {
        var at = now.Total.At;
        var isReset = before is not { } last || now.Total.Value < last.Total.Value
            || now.Since > last.Total.At || now.Since > last.Since;
        var from = isReset ? now.Since : before!.Value.Total.At;
        if (from is not { } start || start < before?.Total.At || start >= at
            || at - start > HourFold.StepsMax.BclCompatibleTicks)
            return null;

        var steps = isReset ? now.Total.Value : now.Total.Value - before!.Value.Total.Value;
        // As for steps: a burst shorter than a minute may be quick.
        var minutes = Math.Max(1, (at - start) / (double)NodaConstants.TicksPerMinute);
        var isUsable = now.Total.Usable && (isReset || before!.Value.Total.Usable)
            && PlausibleRange.Of(Signal.Steps).IsUsable(steps / minutes);
        return new Reading(Signal.Steps, rank, start, at, Stat.Sum, steps, isUsable, now.Total.Revision,
            now.Total.Received);
    }
}
