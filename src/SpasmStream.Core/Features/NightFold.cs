using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>What one night measured.</summary>
/// <param name="Main">The main sleep, valid or not.</param>
/// <param name="Minutes">Its totals; null when the night is not valid.</param>
/// <param name="Mid">Mid-sleep in local clock hours; null when the night is not valid.</param>
/// <param name="Gap">Why the night is not valid.</param>
/// <param name="NapMinutes">Asleep outside the main sleep.</param>
/// <param name="Coverage">Share of the main sleep's minutes with heart rate.</param>
/// <param name="RestingRate">Nightly resting heart rate.</param>
sealed record NightMeasures(
    SleepEpisode? Main, SleepMinutes? Minutes, double? Mid, string? Gap, double? NapMinutes, double? Coverage,
    double? RestingRate);

/// <summary>Folds the sleep records and the heart rate of the night that a date began with.</summary>
static class NightFold
{
    public const double CoverageMin = 0.7;
    static readonly LocalTime FallbackFrom = new(3, 0);
    static readonly LocalTime FallbackUntil = new(7, 0);

    public static NightMeasures Fold(
        LocalDate date, WearerProfile profile, IReadOnlyList<ChosenSleep> chosen, MinuteGrid grid)
    {
        var sleepsOfDate = chosen
            .Where(sleep => ActivityDay.NightOf(profile, sleep.Record.End) == date)
            .ToList();
        var main = SleepChoice.MainOf(sleepsOfDate)?.Record;
        var gap = GapOf(main);
        var coverage = main is null ? null : CoverageOf(grid.Within(main.Start, main.End));
        return new NightMeasures(
            main,
            gap is null ? SleepMinutes.Of(main!) : null,
            gap is null ? MidOf(main!, profile) : null,
            gap,
            NapMinutesOf(sleepsOfDate, main),
            coverage,
            gap is null ? RateOf(grid, main!.Start, main.End) : FallbackRateOf(date, profile, grid));
    }

    /// <summary>03:00 to 07:00 local: where the resting rate is sought when no main sleep is known.</summary>
    public static Interval FallbackOf(LocalDate date, WearerProfile profile)
    {
        var zone = profile.ZoneAt(ActivityDay.Of(profile, date).Start);
        return new Interval(
            zone.AtLeniently(date + FallbackFrom).ToInstant(),
            zone.AtLeniently(date + FallbackUntil).ToInstant());
    }

    static string? GapOf(SleepEpisode? main)
    {
        if (main is null)
            return "no_night";
        var length = main.End - main.Start;
        if (length < SleepChoice.MainMin)
            return "night_short";
        return length > SleepChoice.MainMax ? "night_long" : null;
    }

    static double MidOf(SleepEpisode main, WearerProfile profile)
    {
        var mid = main.Start + ((main.End - main.Start) / 2);
        var clock = profile.LocalAt(mid).TimeOfDay;
        return (double)clock.TickOfDay / NodaConstants.TicksPerHour;
    }

    /// <summary>Without any record nothing is known of naps either; with one, no other means none.</summary>
    static double? NapMinutesOf(List<ChosenSleep> sleepsOfDate, SleepEpisode? main)
    {
        if (sleepsOfDate.Count == 0)
            return null;
        var minutes = 0.0;
        foreach (var sleep in sleepsOfDate)
            if (!ReferenceEquals(sleep.Record, main))
                minutes += SleepMinutes.Of(sleep.Record).Tst;
        return minutes;
    }

    static double? FallbackRateOf(LocalDate date, WearerProfile profile, MinuteGrid grid)
    {
        var hours = FallbackOf(date, profile);
        return RateOf(grid, hours.Start, hours.End);
    }

    static double? RateOf(MinuteGrid grid, Instant from, Instant to)
    {
        var minutes = grid.Within(from, to);
        return CoverageOf(minutes) >= CoverageMin ? RestingRate.Of(minutes) : null;
    }

    static double? CoverageOf(ReadOnlySpan<MinuteCell> minutes) =>
        minutes.IsEmpty ? null : (double)RestingRate.CountOf(minutes) / minutes.Length;
}
