using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// Heart rate and steps minute by minute, from one falling asleep to the next (science 8.1).
/// </summary>
sealed class Body(Traits traits, DateTimeZone zone)
{
    const double Memory = 0.9;
    const double StepMemory = 0.7071;

    // Drawn from this day's generator; nothing but the smoothed steps outlives a minute.
    double _noise;
    double _smoothedSteps;

    public MinuteTrack Live(DayPlan day, Night next, IReadOnlyList<Attack> attacks, SeededRandom random)
    {
        var length = (int)(next.Onset - day.Night.Onset).TotalMinutes;
        var track = new MinuteTrack(day.Night.Onset, length);
        var clock = zone.GetUtcOffset(day.Night.Onset).Milliseconds / 60_000;
        var firstMinute = day.Night.Onset.ToUnixTimeSeconds() / 60 + clock;
        var night = day.Night.Stages.Count;
        var gait = new Gait(day, night, length, random);
        _noise = random.Normal(0, 1);
        _smoothedSteps = 0;
        for (var minute = 0; minute < length; minute++)
        {
            var stage = minute < night ? day.Night.Stages[minute] : SleepStage.Awake;
            var isAsleep = stage != SleepStage.Awake;
            var at = day.Night.Onset + Duration.FromMinutes(minute);
            var isIctal = attacks.Count > 0 && attacks.Any(attack => attack.Covers(at));
            var steps = minute < night ? 0 : gait.Next(minute, isIctal);
            track.Steps[minute] = (short)steps;
            track.HeartRate[minute] = (short)Math.Round(
                Rate(day, (firstMinute + minute) % 1440, stage, isAsleep, steps, random));
        }
        return track;
    }

    double Rate(
        DayPlan day, long minuteOfDay, SleepStage stage, bool isAsleep, int steps, SeededRandom random)
    {
        _smoothedSteps = StepMemory * _smoothedSteps + (1 - StepMemory) * steps;
        _noise = Memory * _noise + random.Normal(0, Math.Sqrt(1 - Memory * Memory));
        var circadian = traits.CircadianBpm * Math.Cos(Math.Tau * (minuteOfDay - 900) / 1440);
        var rate = day.RestingBpm + 6 + circadian + traits.BpmPerStep * _smoothedSteps;
        if (isAsleep)
            return Math.Clamp(rate - 6 + (stage == SleepStage.Rem ? 2 : 0) + 3 * _noise, 35, 120);
        var strain = 1.2 * (day.Stress - 3.4) / 2.4;
        return Math.Clamp(rate + strain + 6 * _noise, 40, 205);
    }
}
