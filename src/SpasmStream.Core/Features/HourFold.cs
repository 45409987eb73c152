using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>
/// Folds the samples of one wearer and one UTC hour into sixty minutes (minute grid of science 3.1). The
/// result is a function of the set of samples: their order and doublets of one identity do not change it.
/// </summary>
/// <remarks>
/// Heart rate is the median of the usable samples of the minute; a sample with a duration covers every minute
/// it overlaps, and one longer than a minute speaks only where its source has no shorter one. Steps are
/// spread evenly over their duration; where intervals of one source overlap the shortest counts. Of several
/// sources one is taken for each signal and minute, by preference, and never a sum. Zero steps from a device
/// that shows no sign of being worn give way to another source that counted some (formats 4, rule 8). Steps
/// of a running count are its differences, and speak only where the same device has no steps of its own.
/// </remarks>
public static class HourFold
{
    internal const int MinutesPerHour = 60;

    /// <summary>
    /// A heart rate that stands for longer is an average of the day, not a minute's value: not used.
    /// </summary>
    public static Duration HeartRateMax { get; } = Duration.FromMinutes(15);

    /// <summary>
    /// Steps counted over longer would smear over minutes nobody knows about: not used. No sample that begins
    /// more than this before the hour can matter to it.
    /// </summary>
    public static Duration StepsMax { get; } = Duration.FromHours(1);

    /// <summary>Whether the fold makes anything of a signal; others are stored only.</summary>
    public static bool Uses(Signal signal) => signal is Signal.HeartRate or Signal.Steps || IsCounter(signal);

    /// <summary>
    /// Whether a signal belongs to a running count of steps. What such a reading means depends on the one
    /// before it: an hour needs those of <see cref="StepsMax"/> before it and after it as well.
    /// </summary>
    public static bool IsCounter(Signal signal) => signal is Signal.StepCounter or Signal.StepCounterSince;

    /// <summary>
    /// The first and the last hour, in hours since 1970, whose fold a sample may change, by its start and
    /// duration in Unix milliseconds and milliseconds.
    /// </summary>
    /// <remarks>
    /// A reading of a running count ends one stretch, begins the next, and splits the one that stood there
    /// without it; no stretch longer than <see cref="StepsMax"/> is folded, so all of them lie within that
    /// of it. Where the next reading is still to come, the stretch up to it is its own to touch.
    /// </remarks>
    public static (long First, long Last) HoursTouched(Signal signal, long startMs, long durationMs)
    {
        const long hour = NodaConstants.MillisecondsPerHour;
        return IsCounter(signal)
            ? ((startMs - hour) / hour, (startMs + hour - 1) / hour)
            // The fold uses nothing longer than an hour.
            : (startMs / hour, (startMs + Math.Clamp(durationMs - 1, 0, hour)) / hour);
    }

    /// <summary>The hour [<paramref name="hourStart"/>, one hour later) as the samples show it.</summary>
    /// <param name="hourStart">A full hour, UTC; else <see cref="ArgumentException"/>.</param>
    /// <param name="knownAt">Passed on; the caller hands over what had been received by then.</param>
    /// <param name="samples">
    /// Heart rate and steps of one wearer, with the running counts up to <see cref="StepsMax"/> before and
    /// after the hour; what does not overlap the hour, and every other signal, is ignored. Of two samples
    /// with one identity the higher revision counts, then the later receipt, then the greater value.
    /// </param>
    /// <param name="preferredDevices">Most trusted first; others follow by device name, then source.</param>
    public static HourSummary Fold(
        Instant hourStart, Instant knownAt, IEnumerable<Sample> samples,
        IReadOnlyList<string> preferredDevices)
    {
        if (hourStart.ToUnixTimeTicks() % NodaConstants.TicksPerHour != 0)
            throw new ArgumentException("An hour begins on a full hour, UTC.", nameof(hourStart));

        var readings = HourReadings.Gather(hourStart, samples, preferredDevices);
        Span<double> heartRates = stackalloc double[MinutesPerHour];
        Span<double> steps = stackalloc double[MinutesPerHour];
        HeartRateMinutes.Fold(readings, heartRates);
        StepMinutes.Fold(readings, steps);
        RejectJumps(heartRates, steps);

        var cells = new MinuteCell[MinutesPerHour];
        for (var minute = 0; minute < MinutesPerHour; minute++)
            cells[minute] = new MinuteCell(
                HourCells.Round(heartRates[minute]), HourCells.Round(steps[minute]));
        return new HourSummary(hourStart, knownAt, cells);
    }

    /// <summary>
    /// A minute is rejected when it lies more than 40 bpm from every neighbouring minute that has a heart
    /// rate (one on either side, within the hour) and neither of the two minutes has steps. One neighbour
    /// that agrees keeps it, so a change that lasts two minutes stays; without any neighbour nothing speaks
    /// against it. The hour before and the hour after are not asked: an hour depends on its own samples only.
    /// </summary>
    static void RejectJumps(Span<double> heartRates, ReadOnlySpan<double> steps)
    {
        const double jumpBpm = 40;
        var rejected = 0UL;
        for (var minute = 0; minute < MinutesPerHour; minute++)
        {
            bool doubted = false, confirmed = false;
            for (var neighbour = minute - 1; neighbour <= minute + 1; neighbour += 2)
            {
                if (neighbour is < 0 or >= MinutesPerHour || double.IsNaN(heartRates[neighbour]))
                    continue;
                var excused = steps[minute] > 0 || steps[neighbour] > 0;
                if (excused || Math.Abs(heartRates[minute] - heartRates[neighbour]) <= jumpBpm)
                    confirmed = true;
                else
                    doubted = true;
            }
            if (doubted && !confirmed)
                rejected |= 1UL << minute;
        }
        for (var minute = 0; minute < MinutesPerHour; minute++)
            if ((rejected >> minute & 1) != 0)
                heartRates[minute] = double.NaN;
    }
}
