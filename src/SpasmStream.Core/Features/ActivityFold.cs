using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>What one activity day measured.</summary>
/// <param name="WearMinutes">Awake minutes with a sign of being worn.</param>
/// <param name="HeartRateMinutes">Minutes with heart rate, asleep or awake.</param>
/// <param name="Gap">Why the day is not valid.</param>
/// <param name="Steps">Steps; null when not valid or not counted.</param>
/// <param name="Load">TRIMP of the awake minutes; null when not valid or heart rate is scarce.</param>
/// <param name="VigorousMinutes">Awake minutes at 60 % of the reserve or above; null as the load is.</param>
sealed record ActivityMeasures(
    int WearMinutes, int HeartRateMinutes, string? Gap, double? Steps, double? Load, double? VigorousMinutes);

/// <summary>
/// Folds the minutes of an activity day (science 3.6). The load needs as many awake minutes with heart rate
/// as a valid day needs worn ones; it is left out rather than guessed from steps, because two kinds of load
/// would share one baseline.
/// </summary>
static class ActivityFold
{
    public const int WearMinutesMin = 600;
    const int UnknownAgeYears = 40;

    public static ActivityMeasures Fold(
        LocalDate date, WearerProfile profile, Interval day, IReadOnlyList<ChosenSleep> chosen,
        MinuteGrid grid, double? nightRate)
    {
        var minutes = grid.Within(day.Start, day.End);
        var mask = grid.NewMask();
        foreach (var sleep in chosen)
            grid.Mark(sleep.Record.Start, sleep.Record.End, mask);
        var asleep = grid.Within(day.Start, day.End, mask);

        int worn = 0, awakeRates = 0, stepMinutes = 0;
        double steps = 0, seen = 0;
        for (var i = 0; i < minutes.Length; i++)
        {
            worn += !asleep[i] && minutes[i].IsWorn ? 1 : 0;
            awakeRates += !asleep[i] && minutes[i].HeartRate is not null ? 1 : 0;
            stepMinutes += minutes[i].Steps is null ? 0 : 1;
            steps += minutes[i].Steps ?? 0;
            seen = Math.Max(seen, minutes[i].HeartRate ?? 0);
        }

        var isValid = worn >= WearMinutesMin;
        var resting = nightRate ?? RestingRate.Of(minutes);
        (double, double)? effort = null;
        if (isValid && awakeRates >= WearMinutesMin && resting is { } rate)
            effort = EffortOf(minutes, asleep, rate, Trimp.MaxRate(AgeOn(date, profile), seen));
        return new ActivityMeasures(
            worn,
            RestingRate.CountOf(minutes),
            isValid ? null : "wear",
            isValid && stepMinutes > 0 ? steps : null,
            effort?.Item1,
            effort?.Item2);
    }

    static (double Load, double VigorousMinutes) EffortOf(
        ReadOnlySpan<MinuteCell> minutes, ReadOnlySpan<bool> asleep, double restingBpm, double maxBpm)
    {
        double load = 0;
        var vigorous = 0;
        for (var i = 0; i < minutes.Length; i++)
        {
            if (asleep[i] || minutes[i].HeartRate is not { } heartRate)
                continue;
            var share = Trimp.ShareOf(heartRate, restingBpm, maxBpm);
            load += Trimp.OfMinute(share);
            vigorous += share >= Trimp.VigorousShare ? 1 : 0;
        }
        return (load, vigorous);
    }

    static int AgeOn(LocalDate date, WearerProfile profile) =>
        profile.BirthYear is { } birthYear ? date.Year - birthYear : UnknownAgeYears;
}
