using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

public sealed class ActivityDayTests
{
    static readonly WearerProfile s_traveller = new()
    {
        Zones =
        [
            new ZoneStay(Instant.FromUtc(2020, 1, 1, 0, 0), Wear.Berlin),
            new ZoneStay(Instant.FromUtc(2026, 5, 10, 0, 0), DateTimeZoneProviders.Tzdb["Asia/Tokyo"]),
            new ZoneStay(Instant.FromUtc(2026, 5, 19, 20, 0), DateTimeZoneProviders.Tzdb["America/New_York"]),
        ],
    };

    [Theory]
    [InlineData(2026, 3, 28, 23)] // the clock goes forward on the 29th at 02:00, inside this day
    [InlineData(2026, 3, 29, 24)]
    [InlineData(2026, 10, 24, 25)]
    [InlineData(2026, 10, 25, 24)]
    public void A_clock_change_makes_a_day_of_23_or_25_hours(int year, int month, int day, int hours)
    {
        var interval = ActivityDay.Of(Wear.Berliner, new LocalDate(year, month, day));

        Assert.Equal(hours, interval.Duration.TotalHours);
        Assert.Equal(new LocalTime(4, 0), interval.Start.InZone(Wear.Berlin).TimeOfDay);
    }

    [Fact]
    public void Four_o_clock_separates_the_dates()
    {
        var date = new LocalDate(2026, 3, 10);

        Assert.Equal(date.PlusDays(-1), ActivityDay.DateOf(Wear.Berliner, Wear.At(date, 3, 59)));
        Assert.Equal(date, ActivityDay.DateOf(Wear.Berliner, Wear.At(date, 4)));
        Assert.Equal(date, ActivityDay.NightOf(Wear.Berliner, Wear.At(date, 1, 30)));
    }

    [Fact]
    public void A_move_east_shortens_and_a_move_west_lengthens_the_day()
    {
        // 02:00 in Berlin becomes 09:00 in Tokyo: the 10th begins with the move.
        Assert.Equal(Instant.FromUtc(2026, 5, 10, 0, 0), ActivityDay.Of(s_traveller, new(2026, 5, 10)).Start);
        Assert.Equal(22, ActivityDay.Of(s_traveller, new(2026, 5, 9)).Duration.TotalHours);
        // 05:00 of the 20th in Tokyo becomes 16:00 of the 19th in New York, but its 04:00 is past.
        Assert.Equal(24 + 13, ActivityDay.Of(s_traveller, new(2026, 5, 20)).Duration.TotalHours);
    }

    [Fact]
    public void Days_follow_one_another_and_every_instant_has_its_date()
    {
        foreach (var profile in new[] { Wear.Berliner, s_traveller })
            for (var i = 0; i < 260; i++)
            {
                var date = new LocalDate(2026, 3, 1).PlusDays(i);
                var day = ActivityDay.Of(profile, date);
                Assert.Equal(day.End, ActivityDay.Of(profile, date.PlusDays(1)).Start);
                Assert.Equal(date, ActivityDay.DateOf(profile, day.Start));
                Assert.Equal(date, ActivityDay.DateOf(profile, day.End - Duration.FromMilliseconds(1)));
            }
    }
}
