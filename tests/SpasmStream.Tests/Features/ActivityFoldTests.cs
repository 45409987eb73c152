using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

public sealed class ActivityFoldTests
{
    static readonly LocalDate s_date = new(2026, 3, 10);

    [Fact]
    public void The_worked_number_of_the_training_impulse()
    {
        var load = (30 * Trimp.OfMinute(Trimp.ShareOf(140, 60, 180)))
            + (20 * Trimp.OfMinute(Trimp.ShareOf(110, 60, 180)));

        Assert.Equal(57.906540, load, 6);
        Assert.Equal(0, Trimp.ShareOf(50, 60, 180));
        Assert.Equal(1, Trimp.ShareOf(190, 60, 180));
        Assert.Equal(0, Trimp.ShareOf(70, 60, 60));
        Assert.Equal(180, Trimp.MaxRate(40, 150));
        Assert.Equal(190, Trimp.MaxRate(40, 190));
    }

    [Fact]
    public void A_days_load_uses_the_nights_resting_rate_and_awake_minutes_only()
    {
        var (onset, waking) = (Wear.At(s_date.PlusDays(-1), 23), Wear.At(s_date, 7));
        var training = Wear.At(s_date, 18);
        var hours = Wear.Hours(onset, Wear.At(s_date, 22), at =>
        {
            var minute = (at - training).TotalMinutes;
            return minute switch
            {
                >= 0 and < 30 => new(140, 100),
                >= 30 and < 50 => new(110, 50),
                >= -780 and < -760 => new(150, 0), // 05:00, a bad dream
                _ => new(60, 0),
            };
        });
        var day = DayFold.Summarise(
            s_date, Wear.KnownAt, Wear.Berliner, hours, [Wear.Sleep(onset, waking)], []);

        // Born in 1986: 40 years, so the maximum is 180; at rest nothing is added.
        Assert.Equal(60, day.RhrNight);
        Assert.Equal(57.906540, day.Load!.Value, 6);
        Assert.Equal(30, day.VigorousMinutes);
        Assert.Equal(4000, day.Steps);
        Assert.Equal(15 * 60, day.WearMinutes); // 07:00 to 22:00
        Assert.Equal(18 * 60, day.HeartRateMinutes); // 04:00 to 22:00
        Assert.Null(day.ActivityGap);
    }

    [Theory]
    [InlineData(600, null)]
    [InlineData(599, "wear")]
    public void A_valid_day_has_ten_hours_of_wear(int minutes, string? gap)
    {
        var from = Wear.At(s_date, 8);
        var day = Summary(Wear.Hours(from, from + Duration.FromMinutes(minutes), _ => new(70, 10)));

        Assert.Equal(minutes, day.WearMinutes);
        Assert.Equal(gap, day.ActivityGap);
        Assert.Equal(gap is null ? 6000 : null, day.Steps);
        Assert.Equal(gap is null, day.Load is not null);
    }

    [Fact]
    public void A_day_on_the_charger_is_missing_not_a_day_of_zero_steps()
    {
        var day = Summary(Wear.Hours(Wear.At(s_date, 4), Wear.At(s_date.PlusDays(1), 4), _ => new(null, 0)));

        Assert.Equal((0, "wear"), (day.WearMinutes, day.ActivityGap));
        Assert.Null(day.Steps);
        Assert.Null(day.Load);
    }

    [Fact]
    public void A_charger_gap_takes_its_minutes_out_and_nothing_else()
    {
        var (from, to) = (Wear.At(s_date, 7), Wear.At(s_date, 22));
        var gap = Wear.At(s_date, 12);
        var worn = Summary(Wear.Hours(from, to, _ => new(70, 10)));
        var charged = Summary(Wear.Hours(from, to,
            at => at >= gap && at < gap + Duration.FromMinutes(90) ? default : new(70, 10)));

        Assert.Equal(worn.WearMinutes - 90, charged.WearMinutes);
        Assert.Equal(worn.Steps - 900, charged.Steps);
        Assert.Equal(worn.RhrNight, charged.RhrNight);
    }

    [Fact]
    public void Without_a_step_source_there_is_a_load_and_without_heart_rate_there_are_steps()
    {
        var (from, to) = (Wear.At(s_date, 7), Wear.At(s_date, 22));
        var strap = Summary(Wear.Hours(from, to, _ => new(70, null)));
        var pedometer = Summary(Wear.Hours(from, to, _ => new(null, 10)));

        Assert.Null(strap.Steps);
        Assert.NotNull(strap.Load);
        Assert.Equal(9000, pedometer.Steps);
        Assert.Null(pedometer.Load);
        Assert.Null(pedometer.VigorousMinutes);
    }

    [Theory]
    [InlineData(2026, 3, 28, 23)]
    [InlineData(2026, 10, 24, 25)]
    public void A_clock_change_counts_the_minutes_that_were(int year, int month, int day, int hours)
    {
        var date = new LocalDate(year, month, day);
        var interval = ActivityDay.Of(Wear.Berliner, date);
        var (before, after) = (interval.Start - Duration.FromHours(2), interval.End + Duration.FromHours(2));
        var summary = Summary(Wear.Hours(before, after, _ => new(70, 1)), date);

        Assert.Equal(hours * 60, summary.WearMinutes);
        Assert.Equal(hours * 60, summary.Steps);
        Assert.Equal((interval.Start, interval.End), (summary.Start, summary.End));
    }

    [Fact]
    public void A_move_gives_the_day_the_minutes_it_had()
    {
        var move = Instant.FromUtc(2026, 3, 11, 0, 0);
        var profile = Wear.Berliner with
        {
            Zones = [.. Wear.Berliner.Zones, new ZoneStay(move, DateTimeZoneProviders.Tzdb["Asia/Tokyo"])],
        };
        var hours = Wear.Hours(Wear.At(s_date, 0), move + Duration.FromHours(9), _ => new(70, 1));

        // 04:00 in Berlin is 03:00Z; at 00:00Z Tokyo shows 09:00, so the day ends with the move.
        Assert.Equal(21 * 60, DayFold.Summarise(s_date, Wear.KnownAt, profile, hours, [], []).Steps);
    }

    [Fact]
    public void B37_the_order_of_hours_and_sleeps_does_not_matter_and_the_later_version_counts()
    {
        var (onset, waking) = (Wear.At(s_date.PlusDays(-1), 23), Wear.At(s_date, 7));
        var random = new Random(5);
        var end = Wear.At(s_date.PlusDays(1), 4);
        var hours = Wear.Hours(onset, end, _ => new(50 + random.Next(90), random.Next(90))).ToArray();
        SleepEpisode[] sleeps =
        [
            Wear.Sleep(onset, waking), Wear.Sleep(onset, waking, "ring"),
            Wear.Sleep(Wear.At(s_date, 14), Wear.At(s_date, 15)),
        ];
        var stale = hours.Select(hour => new HourSummary(hour.Start, Wear.Hour, new MinuteCell[60]));
        var expected = DayFold.Summarise(s_date, Wear.KnownAt, Wear.Berliner, hours, sleeps, []);
        var all = hours.Concat(stale).ToArray();

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(all);
            random.Shuffle(sleeps);
            Assert.Equal(expected, DayFold.Summarise(s_date, Wear.KnownAt, Wear.Berliner, all, sleeps, []));
        }
    }

    static DaySummary Summary(IReadOnlyList<HourSummary> hours, LocalDate? date = null) =>
        DayFold.Summarise(date ?? s_date, Wear.KnownAt, Wear.Berliner, hours, [], []);
}
