using NodaTime;

namespace SpasmStream.Core.Features;

/// <summary>The heart rate of each minute: the median of what the best source measured in it.</summary>
static class HeartRateMinutes
{
    /// <summary>How far a heart rate vouches for its device being worn.</summary>
    const int WornReachMinutes = 5;

    /// <summary>
    /// Fills sixty medians, NaN where nothing was measured, and notes when each device was worn.
    /// </summary>
    public static void Fold(HourReadings hour, Span<double> medians)
    {
        Span<int> best = stackalloc int[HourFold.MinutesPerHour];
        best.Fill(int.MaxValue);
        foreach (var reading in hour.HeartRates)
        {
            var (first, last) = MinutesOf(reading);
            for (var minute = first; minute <= last; minute++)
            {
                best[minute] = Math.Min(best[minute], ClassOf(reading));
                hour.Worn[hour.DeviceOf(reading.Rank)] |= 1UL << minute;
            }
        }
        for (var rank = 0; rank < hour.Worn.Length; rank++)
            hour.Worn[rank] = Widen(hour.Worn[rank]);
        FillMedians(hour.HeartRates, best, medians);
    }

    static void FillMedians(ReadOnlySpan<Reading> readings, ReadOnlySpan<int> best, Span<double> medians)
    {
        Span<int> ends = stackalloc int[HourFold.MinutesPerHour + 1];
        ends.Clear();
        foreach (var reading in readings)
        {
            var (first, last) = MinutesOf(reading);
            for (var minute = first; minute <= last; minute++)
                if (best[minute] == ClassOf(reading))
                    ends[minute + 1]++;
        }
        for (var minute = 1; minute < ends.Length; minute++)
            ends[minute] += ends[minute - 1];

        // ends[m] is now where minute m begins; after the filling it is where it ends.
        var values = new double[ends[^1]];
        foreach (var reading in readings)
        {
            var (first, last) = MinutesOf(reading);
            for (var minute = first; minute <= last; minute++)
                if (best[minute] == ClassOf(reading))
                    values[ends[minute]++] = reading.Value;
        }
        for (var minute = 0; minute < medians.Length; minute++)
        {
            var start = minute == 0 ? 0 : ends[minute - 1];
            var cell = values.AsSpan(start, ends[minute] - start);
            medians[minute] = cell.IsEmpty ? double.NaN : Quantile.Median(cell);
        }
    }

    /// <summary>
    /// Lower is better: by source, and within a source what stands for at most a minute first.
    /// </summary>
    static int ClassOf(in Reading reading) =>
        (reading.Rank * 2) + (reading.End - reading.Start > NodaConstants.TicksPerMinute ? 1 : 0);

    static (int First, int Last) MinutesOf(in Reading reading)
    {
        var first = Math.Max(0, reading.Start) / NodaConstants.TicksPerMinute;
        var end = Math.Min(NodaConstants.TicksPerHour, Math.Max(reading.End, reading.Start + 1));
        return ((int)first, (int)((end - 1) / NodaConstants.TicksPerMinute));
    }

    static ulong Widen(ulong minutes)
    {
        for (var i = 0; i < WornReachMinutes; i++)
            minutes |= minutes << 1 | minutes >> 1;
        return minutes;
    }
}
