using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>
/// What one sleep record says about time asleep, awake and in bed, in minutes (science 3.3).
/// </summary>
/// <param name="Tst">Asleep.</param>
/// <param name="Waso">Awake between onset and offset; null when the record does not say.</param>
/// <param name="Tib">In bed; never less than from onset to offset.</param>
readonly record struct SleepMinutes(double Tst, double? Waso, double Tib)
{
    /// <summary>
    /// A hypnogram that knows less of the sleep than this is a fragment: totals are used instead.
    /// </summary>
    const double KnownShareMin = 0.9;

    /// <summary>Sleep efficiency in percent, at most 100.</summary>
    public double Se => Math.Min(100, 100 * Tst / Tib);

    public static SleepMinutes Of(SleepEpisode sleep)
    {
        var length = sleep.End - sleep.Start;
        var lightsOut = sleep.InBedStart ?? sleep.Start - (sleep.Latency ?? Duration.Zero);
        var rising = sleep.InBedEnd ?? sleep.End;
        var tib = (Instant.Max(rising, sleep.End) - Instant.Min(lightsOut, sleep.Start)).TotalMinutes;

        var (asleep, awake) = SumStages(sleep.Stages, length);
        if (asleep > Duration.Zero && asleep + awake >= length * KnownShareMin)
            return new(asleep.TotalMinutes, WakeWithin(sleep.Stages, length).TotalMinutes, tib);

        var stated = sleep.Asleep ?? length - (sleep.Waso ?? Duration.Zero);
        var tst = Duration.Max(Duration.Zero, Duration.Min(stated, length));
        return new(tst.TotalMinutes, sleep.Waso?.TotalMinutes, tib);
    }

    static (Duration Asleep, Duration Awake) SumStages(IReadOnlyList<StageRun> stages, Duration length)
    {
        Duration asleep = Duration.Zero, awake = Duration.Zero;
        foreach (var (stage, _, run) in Untangle(stages, length))
            if (IsAsleep(stage))
                asleep += run;
            else if (IsAwake(stage))
                awake += run;
        return (asleep, awake);
    }

    /// <summary>
    /// Wake after the first and before the last run of sleep: lying awake before and after is not in it.
    /// </summary>
    static Duration WakeWithin(IReadOnlyList<StageRun> stages, Duration length)
    {
        Duration within = Duration.Zero, since = Duration.Zero;
        var hasSlept = false;
        foreach (var (stage, _, run) in Untangle(stages, length))
            if (IsAsleep(stage))
            {
                within += since;
                since = Duration.Zero;
                hasSlept = true;
            }
            else if (IsAwake(stage) && hasSlept)
                since += run;
        return within;
    }

    /// <summary>Runs in order of time within the sleep; a later run ends the one before.</summary>
    static List<StageRun> Untangle(IReadOnlyList<StageRun> stages, Duration length)
    {
        var sorted = stages.OrderBy(static run => run.Offset)
            .ThenBy(static run => run.Length)
            .ThenBy(static run => run.Stage)
            .ToList();
        for (var i = 0; i < sorted.Count; i++)
        {
            var limit = i + 1 < sorted.Count ? Duration.Min(sorted[i + 1].Offset, length) : length;
            var run = Duration.Min(sorted[i].Length, limit - sorted[i].Offset);
            sorted[i] = sorted[i] with { Length = Duration.Max(Duration.Zero, run) };
        }
        return sorted;
    }

    static bool IsAsleep(SleepStage stage) =>
        stage is SleepStage.Light or SleepStage.Deep or SleepStage.Rem or SleepStage.Asleep;

    static bool IsAwake(SleepStage stage) =>
        stage is SleepStage.Awake or SleepStage.Restless or SleepStage.Out;
}
