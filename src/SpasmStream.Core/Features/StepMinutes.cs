using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>The steps of each minute, of one source.</summary>
static class StepMinutes
{
    /// <summary>Fills sixty sums, NaN where no source counted.</summary>
    public static void Fold(HourReadings hour, Span<double> steps)
    {
        steps.Fill(double.NaN);
        Span<double> own = stackalloc double[HourFold.MinutesPerHour];
        var believed = 0UL;
        var counted = new ulong[hour.Ranks];
        var readings = hour.Steps;
        while (!readings.IsEmpty)
        {
            var rank = readings[0].Rank;
            var count = 1;
            while (count < readings.Length && readings[count].Rank == rank)
                count++;
            Spread(readings[..count], own);
            ref var byDevice = ref counted[hour.DeviceOf(rank)];
            // A running count comes after its device's own steps, and is silent where there are any.
            if (hour.IsCounter(rank))
                Silence(own, byDevice);
            else
                byDevice |= MinutesWith(own);
            believed = Take(own, hour.Worn[hour.DeviceOf(rank)], believed, steps);
            readings = readings[count..];
        }
    }

    /// <summary>
    /// Takes a source's minutes where no better source has any, or where the better ones say zero without a
    /// sign of being worn. Returns the minutes, as bits, that no later source may change.
    /// </summary>
    static ulong Take(ReadOnlySpan<double> own, ulong worn, ulong believed, Span<double> steps)
    {
        for (var minute = 0; minute < own.Length; minute++)
        {
            if (double.IsNaN(own[minute]) || (believed >> minute & 1) != 0)
                continue;
            steps[minute] = own[minute];
            if (own[minute] > 0 || (worn >> minute & 1) != 0)
                believed |= 1UL << minute;
        }
        return believed;
    }

    static ulong MinutesWith(ReadOnlySpan<double> steps)
    {
        var minutes = 0UL;
        for (var minute = 0; minute < steps.Length; minute++)
            if (!double.IsNaN(steps[minute]))
                minutes |= 1UL << minute;
        return minutes;
    }

    static void Silence(Span<double> steps, ulong minutes)
    {
        for (var minute = 0; minute < steps.Length; minute++)
            if ((minutes >> minute & 1) != 0)
                steps[minute] = double.NaN;
    }

    /// <summary>One source's readings, sorted by start, over the minutes they were counted in.</summary>
    static void Spread(ReadOnlySpan<Reading> readings, Span<double> minutes)
    {
        minutes.Fill(double.NaN);
        if (Overlap(readings))
            SpreadShortestFirst(readings, minutes);
        else
            foreach (var reading in readings)
                Add(reading, reading.Start, EndOf(reading), minutes);

        var range = PlausibleRange.Of(Signal.Steps);
        foreach (ref var sum in minutes)
            if (!range.IsUsable(sum))
                sum = double.NaN;
    }

    static bool Overlap(ReadOnlySpan<Reading> readings)
    {
        for (var i = 1; i < readings.Length; i++)
            if (readings[i].Start < EndOf(readings[i - 1]))
                return true;
        return false;
    }

    /// <summary>
    /// Two groupings of one count: the shorter interval counts, the longer fills what is left.
    /// </summary>
    static void SpreadShortestFirst(ReadOnlySpan<Reading> readings, Span<double> minutes)
    {
        var sorted = readings.ToArray();
        // Equal lengths keep the order of their starts, and equal intervals that of their statistic.
        Array.Sort(sorted, static (a, b) =>
            (EndOf(a) - a.Start, a.Start, a.Stat).CompareTo((EndOf(b) - b.Start, b.Start, b.Stat)));

        var covered = new List<(long Start, long End)>(sorted.Length);
        foreach (var reading in sorted)
        {
            var (start, end) = (reading.Start, EndOf(reading));
            var first = covered.BinarySearch((start, long.MinValue));
            first = first < 0 ? ~first : first;
            if (first > 0 && covered[first - 1].End >= start)
                first--;
            var next = first;
            var from = start;
            for (; next < covered.Count && covered[next].Start <= end; next++)
            {
                Add(reading, from, covered[next].Start, minutes);
                from = Math.Max(from, covered[next].End);
            }
            Add(reading, from, end, minutes);
            if (next > first)
            {
                start = Math.Min(start, covered[first].Start);
                end = Math.Max(end, covered[next - 1].End);
                covered.RemoveRange(first, next - first);
            }
            covered.Insert(first, (start, end));
        }
    }

    /// <summary>Adds the share of a reading that falls between two ticks of the hour.</summary>
    static void Add(in Reading reading, long from, long to, Span<double> minutes)
    {
        var rate = reading.Value / (EndOf(reading) - reading.Start);
        from = Math.Max(0, from);
        to = Math.Min(NodaConstants.TicksPerHour, to);
        while (from < to)
        {
            var minute = (int)(from / NodaConstants.TicksPerMinute);
            var end = Math.Min(to, (minute + 1) * NodaConstants.TicksPerMinute);
            var before = double.IsNaN(minutes[minute]) ? 0 : minutes[minute];
            minutes[minute] = before + (rate * (end - from));
            from = end;
        }
    }

    /// <summary>A count without a duration belongs to its instant.</summary>
    static long EndOf(in Reading reading) => Math.Max(reading.End, reading.Start + 1);
}
