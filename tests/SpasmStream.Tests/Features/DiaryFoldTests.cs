using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

public sealed class DiaryFoldTests
{
    static readonly LocalDate s_date = new(2026, 3, 10);
    static readonly SleepEpisode s_night = Wear.Sleep(Wear.At(s_date.PlusDays(-1), 23), Wear.At(s_date, 7));
    static readonly SleepEpisode s_nextNight =
        Wear.Sleep(Wear.At(s_date, 23), Wear.At(s_date.PlusDays(1), 7));

    [Fact]
    public void An_exposure_nobody_mentioned_is_zero_only_with_a_check_in()
    {
        var silent = Summary();
        var logged = Summary(Trigger(12, "meal"));
        var checkedIn = Summary(Wear.CheckIn(Wear.At(s_date, 21)));

        Assert.Equal((false, false, null, null),
            (silent.DiaryContact, silent.CheckedIn, silent.Alcohol, silent.Caffeine));
        Assert.Equal((true, false, null), (logged.DiaryContact, logged.CheckedIn, logged.Alcohol));
        Assert.Equal((true, true, 0, 0),
            (checkedIn.DiaryContact, checkedIn.CheckedIn, checkedIn.Alcohol, checkedIn.Caffeine));
    }

    [Fact]
    public void An_explicit_no_is_zero_for_that_exposure_alone()
    {
        var day = Summary(Trigger(13, "caffeine", 0));

        Assert.Equal(0, day.Caffeine);
        Assert.Null(day.Alcohol);
    }

    [Fact]
    public void Servings_are_summed_and_an_untold_amount_is_one()
    {
        var day = Summary(
            Trigger(19, "alcohol", 2, "drink"), Trigger(20, "alcohol"), Trigger(8, "caffeine", 1.5),
            Trigger(9, "caffeine", 160, "mg"), Trigger(21, "alcohol", 500, "ml"),
            Trigger(22, "alcohol", 28, "g"));

        Assert.Equal(6, day.Alcohol);
        Assert.Equal(3.5, day.Caffeine);
    }

    [Fact]
    public void An_entry_after_midnight_is_still_the_activity_days()
    {
        var late = Wear.CheckIn(Wear.At(s_date.PlusDays(1), 0, 30), stress: 7);
        var early = Wear.CheckIn(Wear.At(s_date.PlusDays(1), 4), stress: 2);

        Assert.Equal(7, Summary(early, late).Stress);
    }

    [Fact]
    public void The_last_stress_rating_counts()
    {
        var day = Summary(
            Wear.CheckIn(Wear.At(s_date, 22)), Wear.CheckIn(Wear.At(s_date, 21), 3),
            Wear.CheckIn(Wear.At(s_date, 9), 8));

        Assert.Equal(3, day.Stress);
    }

    [Theory]
    [InlineData(1, null, true)]
    [InlineData(null, null, true)]
    [InlineData(2, null, false)]
    [InlineData(1, 0.0, false)]
    public void Menses_start_on_day_one(int? menstrualDay, double? quantity, bool starts) =>
        Assert.Equal(starts, Summary(Trigger(8, "menses", quantity) with { Day = menstrualDay }).MensesStart);

    [Fact]
    public void Said_no_attack_and_an_attack_of_the_day_are_contact()
    {
        var no = new NoAttack { Id = "n", Received = Wear.KnownAt, Day = s_date };
        var attack = new Episode
        {
            Id = "e",
            Received = Wear.KnownAt,
            Type = EpisodeType.Migraine,
            Day = s_date,
        };

        Assert.Equal((true, true), (Summary(no).SaidNoAttack, Summary(no).DiaryContact));
        Assert.Equal((false, true), (Summary(attack).SaidNoAttack, Summary(attack).DiaryContact));
        Assert.False(Summary(no with { Day = s_date.PlusDays(1) }).DiaryContact);
    }

    [Fact]
    public void The_longest_gap_between_meals_is_a_fast() =>
        Assert.Equal(7, Summary(Trigger(8, "meal"), Trigger(12, "meal"), Trigger(19, "meal")).FastHours);

    [Fact]
    public void The_gap_from_waking_counts_when_the_night_is_known()
    {
        var noon = Trigger(13, "meal");

        Assert.Equal(6, Summary([s_night], noon).FastHours);
        Assert.Null(Summary(noon).FastHours);
    }

    [Fact]
    public void The_gap_to_the_next_sleep_counts_once_it_has_begun()
    {
        SleepEpisode[] sleeps = [s_night, s_nextNight];
        DiaryEntry[] meals = [Trigger(8, "meal"), Trigger(15, "meal")];

        Assert.Equal(8, Summary(sleeps, meals).FastHours);
        Assert.Equal(7, DayFold.Summarise(
            s_date, Wear.At(s_date, 22), Wear.Berliner, [], [s_night], meals).FastHours);
    }

    [Fact]
    public void A_fast_never_spans_a_sleep()
    {
        // A shift worker: meals at 05:00 and 18:00 around a sleep from 09:00 to 16:30.
        var sleep = Wear.Sleep(Wear.At(s_date, 9), Wear.At(s_date, 16, 30));

        Assert.Equal(4, Summary([sleep], Trigger(5, "meal"), Trigger(18, "meal")).FastHours);
    }

    [Fact]
    public void Without_meals_nothing_is_known_of_fasts_but_a_skipped_meal_is_six_hours()
    {
        Assert.Null(Summary([s_night, s_nextNight], Wear.CheckIn(Wear.At(s_date, 21))).FastHours);
        Assert.Null(Summary([s_night], Trigger(12, "meal", 0)).FastHours);
        Assert.Null(Summary(Trigger(12, "skipped_meal", 0)).FastHours);
        Assert.Equal(6, Summary(Trigger(12, "skipped_meal")).FastHours);
        var skipped = Trigger(12, "skipped_meal");
        Assert.Equal(8, Summary(skipped, Trigger(8, "meal"), Trigger(16, "meal")).FastHours);
    }

    [Fact]
    public void The_order_of_entries_does_not_matter()
    {
        DiaryEntry[] diary =
        [
            Trigger(8, "meal"), Trigger(15, "meal"), Trigger(19, "alcohol", 0.1), Trigger(20, "alcohol", 0.2),
            Trigger(21, "alcohol", 0.3), Wear.CheckIn(Wear.At(s_date, 21), 4),
            Wear.CheckIn(Wear.At(s_date, 22), 5),
        ];
        var expected = Summary([s_night], diary);
        var random = new Random(2);

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(diary);
            Assert.Equal(expected, Summary([s_night], diary));
        }
    }

    static Trigger Trigger(int hour, string type, double? quantity = null, string? unit = null) =>
        Wear.Trigger(Wear.At(s_date, hour), type, quantity, unit);

    static DaySummary Summary(params DiaryEntry[] diary) => Summary([], diary);

    static DaySummary Summary(SleepEpisode[] sleeps, params DiaryEntry[] diary) =>
        DayFold.Summarise(s_date, Wear.KnownAt, Wear.Berliner, [], sleeps, diary);
}
