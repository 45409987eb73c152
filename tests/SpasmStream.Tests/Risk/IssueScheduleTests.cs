using CsCheck;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Risk;

public sealed class IssueScheduleTests
{
    static readonly LocalDate _date = new(2026, 6, 10);
    static readonly WearerProfile _profile = Story.ProfileOf();

    static Instant Local(int hour, int minute = 0) => Story.At(_date, hour, minute);

    static SleepEpisode Night(Instant wake, Instant received, string id = "n", int rev = 0,
        double hours = 7.5) => new()
    {
        Device = "watch",
        Id = id,
        Start = wake - Duration.FromHours(hours),
        End = wake,
        Received = received,
        Revision = rev,
    };

    static IReadOnlyList<IssueTime> Due(params SleepEpisode[] nights) =>
        IssueSchedule.DueOn(_date, _profile, nights);

    [Fact]
    public void Without_a_night_the_morning_is_at_nine_and_the_evening_at_eight() =>
        Assert.Equal(
            [
                new IssueTime(Local(9), _date, ForecastKind.Morning),
                new IssueTime(Local(20), _date, ForecastKind.Evening),
            ],
            Due());

    [Fact]
    public void The_morning_is_an_hour_after_waking() =>
        Assert.Equal(Local(7, 30), Due(Night(Local(6, 30), Local(6, 40)))[0].At);

    [Fact]
    public void The_morning_waits_for_the_night_to_arrive() =>
        Assert.Equal(Local(8, 20), Due(Night(Local(6, 30), Local(8, 20)))[0].At);

    [Fact]
    public void A_night_after_nine_adds_an_update_and_leaves_the_morning()
    {
        var due = Due(Night(Local(6, 30), Local(10, 5)));
        Assert.Equal([ForecastKind.Morning, ForecastKind.Update, ForecastKind.Evening],
            due.Select(d => d.Kind));
        Assert.Equal([Local(9), Local(10, 5), Local(20)], due.Select(d => d.At));
    }

    [Fact]
    public void A_night_after_fourteen_adds_nothing() =>
        Assert.Equal(2, Due(Night(Local(6, 30), Local(14))).Count);

    [Fact]
    public void A_revision_after_nine_of_a_night_known_before_adds_nothing() =>
        Assert.Equal(2, Due(Night(Local(6, 30), Local(6, 40)), Night(Local(6, 35), Local(11), rev: 1)).Count);

    [Fact]
    public void A_nap_or_a_short_sleep_is_no_night()
    {
        Assert.Equal(Local(9), Due(Night(Local(6), Local(6), hours: 2.9))[0].At);
        Assert.Equal(Local(9), Due(Night(Local(6), Local(6)) with { Main = false })[0].At);
    }

    [Fact]
    public void A_night_that_was_corrected_before_its_hour_was_over_counts_from_the_later_waking()
    {
        var due = Due(Night(Local(5), Local(5, 5)), Night(Local(7), Local(5, 50), rev: 1));
        Assert.Equal(Local(8), due[0].At);
    }

    [Fact]
    public void Nobody_gets_a_morning_before_four() =>
        Assert.Equal(Local(4), Due(Night(Local(1, 30), Local(1, 40), hours: 4))[0].At);

    [Theory]
    [InlineData(2026, 3, 29, 7, 18)]
    [InlineData(2026, 10, 25, 8, 19)]
    public void The_hours_are_local_on_the_days_the_clocks_change(int year, int month, int day,
        int morning, int evening)
    {
        var due = IssueSchedule.DueOn(new LocalDate(year, month, day), _profile, []);
        Assert.Equal(Instant.FromUtc(year, month, day, morning, 0), due[0].At);
        Assert.Equal(Instant.FromUtc(year, month, day, evening, 0), due[1].At);
    }

    [Fact]
    public void A_wearer_who_moves_gets_the_hours_of_where_they_are()
    {
        var tokyo = new ZoneStay(Local(15), DateTimeZoneProviders.Tzdb["Asia/Tokyo"]);
        var profile = _profile with { Zones = [.. _profile.Zones, tokyo] };
        var next = IssueSchedule.DueOn(_date.PlusDays(1), profile, []);
        Assert.Equal(Instant.FromUtc(2026, 6, 11, 0, 0), next[0].At);
    }

    [Fact]
    public void What_arrives_later_never_changes_an_issue_time_before_it() =>
        Gen.Select(Gen.Int[0, 20 * 60], Gen.Int[-30, 600], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool)
            .Select(t => Night(
                Local(0) + Duration.FromMinutes(t.Item1),
                Local(0) + Duration.FromMinutes(t.Item1 + t.Item2), $"n{t.Item3}", t.Item4) with
            { Main = t.Item5 ? null : true })
            .List[0, 6]
            .Sample(nights =>
            {
                var ordered = nights.OrderBy(n => n.Received).ToList();
                for (var known = 1; known <= ordered.Count; known++)
                {
                    var at = ordered[known - 1].Received;
                    var before = IssueSchedule.DueOn(_date, _profile, ordered[..(known - 1)]);
                    var after = IssueSchedule.DueOn(_date, _profile, ordered[..known]);
                    Assert.Equal(before.Where(d => d.At < at), after.Where(d => d.At < at));
                }
            });
}
