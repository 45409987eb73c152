using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>
/// Folds one wearer's hours, sleep records and diary into the summary of a date. The result is a function of
/// what is handed over, not of its order.
/// </summary>
public static class DayFold
{
    /// <summary>The day and the night it began with.</summary>
    /// <param name="date">The local date.</param>
    /// <param name="knownAt">
    /// The caller hands over what had been received by then; here it only decides which stretches are over.
    /// </param>
    /// <param name="profile">Zones, free days, birth year and preferred devices.</param>
    /// <param name="hours">The latest version of every hour that overlaps <see cref="Reach"/>.</param>
    /// <param name="sleeps">
    /// Winning versions that overlap <see cref="Reach"/> or end on the date: the night, naps, and the night
    /// after.
    /// </param>
    /// <param name="diary">Winning versions; entries of other days are ignored.</param>
    public static DaySummary Summarise(
        LocalDate date, Instant knownAt, WearerProfile profile, IReadOnlyList<HourSummary> hours,
        IReadOnlyList<SleepEpisode> sleeps, IReadOnlyList<DiaryEntry> diary)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(hours);
        ArgumentNullException.ThrowIfNull(sleeps);
        ArgumentNullException.ThrowIfNull(diary);

        var day = ActivityDay.Of(profile, date);
        var reach = Reach(profile, date);
        var grid = new MinuteGrid(reach.Start, reach.End, hours);
        var chosen = SleepChoice.Choose(sleeps, profile.PreferredDevices);
        var night = NightFold.Fold(date, profile, chosen, grid);
        var activity = ActivityFold.Fold(date, profile, day, chosen, grid, night.RestingRate);
        var notes = DiaryFold.Fold(date, day, diary);
        return new DaySummary
        {
            Date = date,
            KnownAt = knownAt,
            IsFree = profile.IsFree(date),
            Start = day.Start,
            End = day.End,
            WearMinutes = activity.WearMinutes,
            HeartRateMinutes = activity.HeartRateMinutes,
            NightCoverage = night.Coverage,
            NightGap = night.Gap,
            NightHeartRateGap = night.RestingRate is null ? "night_coverage" : null,
            ActivityGap = activity.Gap,
            SleepOnset = night.Main?.Start,
            SleepOffset = night.Main?.End,
            NightReceived = night.Main?.Received,
            Tst = night.Minutes?.Tst,
            Tib = night.Minutes?.Tib,
            Se = night.Minutes?.Se,
            Waso = night.Minutes?.Waso,
            Mid = night.Mid,
            NapMinutes = night.NapMinutes,
            RhrNight = night.RestingRate,
            Steps = activity.Steps,
            Load = activity.Load,
            VigorousMinutes = activity.VigorousMinutes,
            DiaryContact = notes.Contact,
            CheckedIn = notes.CheckedIn,
            Stress = notes.Stress,
            Alcohol = notes.Alcohol,
            Caffeine = notes.Caffeine,
            FastHours = Fasting.HoursOf(day, knownAt, DiaryFold.TriggersOf(day, diary), chosen, night.Main),
            MensesStart = notes.MensesStart,
            SaidNoAttack = notes.SaidNoAttack,
        };
    }

    /// <summary>
    /// All that can matter to a date: from 24 hours before its calendar day begins, for a night that ended
    /// just after midnight, to the end of its activity day.
    /// </summary>
    public static Interval Reach(WearerProfile profile, LocalDate date)
    {
        var day = ActivityDay.Of(profile, date);
        return new Interval(day.Start - Duration.FromHours(28), day.End);
    }
}
