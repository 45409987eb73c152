using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Simulators.Wearers;

/// <summary>One night: when, and the stage of each minute.</summary>
sealed record Night(LocalDate Date, Instant Onset, Instant Wake, int LatencyMinutes, bool IsWorn)
{
    /// <summary>One per minute from onset to waking.</summary>
    public required IReadOnlyList<SleepStage> Stages { get; init; }

    public Instant InBed => Onset - Duration.FromMinutes(LatencyMinutes);

    public int AsleepMinutes => Stages.Count(stage => stage != SleepStage.Awake);

    /// <summary>Places a draft on the calendar and fills in its stages.</summary>
    public static Night Place(NightDraft draft, LocalDate date, DateTimeZone zone, SeededRandom random)
    {
        var bedtime = date.AtMidnight().PlusMinutes(draft.BedtimeMinutes);
        var onset = zone.AtLeniently(bedtime).ToInstant();
        var minutes = draft.AsleepMinutes + draft.WasoMinutes;
        var wake = onset + Duration.FromMinutes(minutes);
        return new(date, onset, wake, (int)random.Between(4, 22), draft.IsWorn)
        {
            Stages = Hypnogram(minutes, draft.WasoMinutes, random),
        };
    }

    /// <summary>Cycles of 90 minutes: deep sleep early, dreams late, and awakenings strewn between.</summary>
    static SleepStage[] Hypnogram(int minutes, int wasoMinutes, SeededRandom random)
    {
        ReadOnlySpan<int> deep = [38, 24, 10, 0];
        ReadOnlySpan<int> rem = [8, 17, 24, 29];
        var stages = new SleepStage[minutes];
        for (var minute = 0; minute < minutes; minute++)
        {
            var (cycle, phase) = (Math.Min(minute / 90, 3), minute % 90);
            stages[minute] = phase >= 90 - rem[cycle] ? SleepStage.Rem
                : phase >= 20 && phase < 20 + deep[cycle] ? SleepStage.Deep
                : SleepStage.Light;
        }

        var left = wasoMinutes;
        while (left > 0)
        {
            var length = Math.Min(left, 1 + (int)random.Exponential(5));
            var start = (int)random.Between(12, minutes - 12 - length);
            for (var minute = start; minute < start + length; minute++)
            {
                if (stages[minute] == SleepStage.Awake)
                    continue;
                stages[minute] = SleepStage.Awake;
                left--;
            }
        }
        return stages;
    }
}
