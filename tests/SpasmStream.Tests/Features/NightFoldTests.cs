using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

public sealed class NightFoldTests
{
    static readonly LocalDate s_date = new(2026, 3, 10);
    static readonly Instant s_onset = Wear.At(s_date.PlusDays(-1), 23);
    static readonly Instant s_waking = Wear.At(s_date, 7);

    [Fact]
    public void A_night_across_midnight_belongs_to_the_date_of_waking()
    {
        var sleep = Wear.Sleep(s_onset, s_waking, asleepMinutes: 430);
        var day = Summary(sleep);

        Assert.Null(day.NightGap);
        Assert.Equal((s_onset, s_waking), (day.SleepOnset, day.SleepOffset));
        Assert.Equal(sleep.Received, day.NightReceived);
        Assert.Equal((430, 480, 3), (day.Tst, day.Tib, day.Mid));
        Assert.Equal(100 * 430 / 480.0, day.Se!.Value, 9);
        Assert.Null(day.Waso);
        Assert.Equal(0, day.NapMinutes);
        Assert.Equal("no_night", Summary(s_date.PlusDays(1), sleep).NightGap);
    }

    [Fact]
    public void Waking_at_half_past_one_belongs_to_that_date_already()
    {
        var sleep = Wear.Sleep(Wear.At(s_date.PlusDays(-1), 20), Wear.At(s_date, 1, 30));
        var day = Summary(sleep);

        Assert.Null(day.NightGap);
        Assert.Equal(330, day.Tst);
        Assert.Equal(22.75, day.Mid);
        Assert.Equal("no_night", Summary(s_date.PlusDays(-1), sleep).NightGap);
    }

    [Theory]
    [InlineData(179, "night_short")]
    [InlineData(180, null)]
    [InlineData(840, null)]
    [InlineData(841, "night_long")]
    public void A_main_sleep_lasts_three_to_fourteen_hours(int minutes, string? gap)
    {
        var day = Summary(Wear.Sleep(s_waking - Duration.FromMinutes(minutes), s_waking));

        Assert.Equal(gap, day.NightGap);
        Assert.Equal(gap is null, day.Tst is not null);
        Assert.Equal(gap is null, day.Mid is not null);
        Assert.Equal(s_waking, day.SleepOffset);
    }

    [Fact]
    public void No_record_is_no_night_and_says_nothing_of_naps()
    {
        var day = Summary();

        Assert.Equal("no_night", day.NightGap);
        Assert.Null(day.NapMinutes);
        Assert.Null(day.NightCoverage);
        Assert.Equal("night_coverage", day.NightHeartRateGap);
    }

    [Fact]
    public void Two_records_of_one_night_are_chosen_from_and_never_summed()
    {
        var watch = Wear.Sleep(s_onset, s_waking, "watch", asleepMinutes: 430);
        var ring = Wear.Sleep(s_onset + Duration.FromMinutes(20), s_waking, "ring", asleepMinutes: 400);
        var preferring = Wear.Berliner with { PreferredDevices = ["ring"] };

        Assert.Equal((430, 0), (Summary(ring, watch).Tst, Summary(watch, ring).NapMinutes));
        Assert.Equal(400, Summary(ring with { Main = true }, watch).Tst);
        SleepEpisode[] flagged = [watch with { Main = true }, ring];
        Assert.Equal(400, DayFold.Summarise(s_date, Wear.KnownAt, preferring, [], flagged, []).Tst);
    }

    [Fact]
    public void A_fragment_of_the_trusted_device_does_not_hide_the_whole_night()
    {
        var fragment = Wear.Sleep(s_onset, s_onset + Duration.FromHours(1), "ring");
        var profile = Wear.Berliner with { PreferredDevices = ["ring"] };
        SleepEpisode[] sleeps = [fragment, Wear.Sleep(s_onset, s_waking)];

        Assert.Equal(480, DayFold.Summarise(s_date, Wear.KnownAt, profile, [], sleeps, []).Tst);
    }

    [Fact]
    public void The_flag_makes_the_main_sleep_and_the_rest_of_the_date_are_naps()
    {
        var night = Wear.Sleep(s_onset, Wear.At(s_date, 3), asleepMinutes: 230);
        var morning = Wear.Sleep(Wear.At(s_date, 5), Wear.At(s_date, 10), asleepMinutes: 290);
        var doze = Wear.Sleep(Wear.At(s_date, 14), Wear.At(s_date, 14, 30), main: false);
        var day = Summary(night, morning, doze);

        Assert.Equal((290, 260), (day.Tst, day.NapMinutes));
        Assert.Equal(230, Summary(night with { Main = true }, morning).Tst);
        Assert.Equal(("no_night", 30), (Summary(doze).NightGap, Summary(doze).NapMinutes));
    }

    [Fact]
    public void Stages_say_how_long_was_slept_and_woken()
    {
        var sleep = Wear.Sleep(s_onset, s_waking, asleepMinutes: 100) with
        {
            InBedStart = s_onset - Duration.FromMinutes(20),
            Stages =
            [
                Run(SleepStage.Awake, 0, 10), Run(SleepStage.Light, 10, 200),
                Run(SleepStage.Restless, 210, 5), Run(SleepStage.Deep, 215, 100),
                Run(SleepStage.Out, 315, 15),
                Run(SleepStage.Rem, 330, 130),
                Run(SleepStage.Awake, 460, 20),
            ],
        };
        var day = Summary(sleep);

        Assert.Equal((430, 20, 500), (day.Tst, day.Waso, day.Tib));
        Assert.Equal(86, day.Se!.Value, 9);
        var shuffled = sleep with { Stages = [.. sleep.Stages.Reverse()] };
        Assert.Equal(day, Summary(shuffled));
    }

    [Fact]
    public void A_fragment_of_a_hypnogram_gives_way_to_the_stated_totals()
    {
        var sleep = Wear.Sleep(s_onset, s_waking, asleepMinutes: 430) with
        {
            Waso = Duration.FromMinutes(33),
            Latency = Duration.FromMinutes(12),
            Stages = [Run(SleepStage.Light, 0, 25), Run(SleepStage.Unknown, 25, 455)],
        };

        Assert.Equal((430, 33, 492), (Summary(sleep).Tst, Summary(sleep).Waso, Summary(sleep).Tib));
        Assert.Equal(447, Summary(sleep with { Asleep = null }).Tst);
    }

    [Fact]
    public void Mid_sleep_is_read_from_the_clock_where_the_wearer_was()
    {
        var moved = Wear.Berliner with
        {
            Zones =
            [
                .. Wear.Berliner.Zones,
                new ZoneStay(Instant.FromUtc(2026, 3, 9, 0, 0), DateTimeZoneProviders.Tzdb["Asia/Tokyo"]),
            ],
        };
        var sleep = Wear.Sleep(Instant.FromUtc(2026, 3, 9, 14, 0), Instant.FromUtc(2026, 3, 9, 22, 0));

        Assert.Equal(3, DayFold.Summarise(s_date, Wear.KnownAt, moved, [], [sleep], []).Mid);
    }

    [Fact]
    public void The_resting_rate_is_the_fifth_percentile_of_five_minute_medians()
    {
        // 480 minutes falling one by one from 480+; medians of five are the middle minute: 476 windows.
        var hours = Wear.Hours(s_onset, s_waking, at => new((s_waking - at).TotalMinutes / 10 + 40, null));
        var day = Summary(hours, Wear.Sleep(s_onset, s_waking));

        // Windows centred on minutes 3..478 from the end: (3 + 0.05 * 475) / 10 + 40.
        Assert.Equal(42.675, day.RhrNight!.Value, 9);
        Assert.Equal(1, day.NightCoverage);
        Assert.Null(day.NightHeartRateGap);
    }

    [Theory]
    [InlineData(336, true)] // 0.7 of 480
    [InlineData(335, false)]
    public void The_resting_rate_needs_seven_tenths_of_the_night(int minutes, bool isKnown)
    {
        var hours = Wear.Hours(s_onset, s_onset + Duration.FromMinutes(minutes), _ => new(55, null));
        var day = Summary(hours, Wear.Sleep(s_onset, s_waking));

        Assert.Equal(minutes / 480.0, day.NightCoverage!.Value, 9);
        Assert.Equal(isKnown ? 55 : null, day.RhrNight);
        Assert.Equal(isKnown ? null : "night_coverage", day.NightHeartRateGap);
    }

    [Fact]
    public void Without_a_night_the_resting_rate_is_sought_from_three_to_seven()
    {
        var hours = Wear.Hours(Wear.At(s_date, 3), Wear.At(s_date, 7), _ => new(57, null));

        Assert.Equal(57, Summary(hours).RhrNight);
        Assert.Null(Summary(hours).NightCoverage);
        Assert.Null(Summary(hours.Skip(2).ToList()).RhrNight);
    }

    static StageRun Run(SleepStage stage, int offset, int minutes) =>
        new(stage, Duration.FromMinutes(offset), Duration.FromMinutes(minutes));

    static DaySummary Summary(params SleepEpisode[] sleeps) => Summary(s_date, sleeps);

    static DaySummary Summary(LocalDate date, params SleepEpisode[] sleeps) =>
        DayFold.Summarise(date, Wear.KnownAt, Wear.Berliner, [], sleeps, []);

    static DaySummary Summary(IReadOnlyList<HourSummary> hours, params SleepEpisode[] sleeps) =>
        DayFold.Summarise(s_date, Wear.KnownAt, Wear.Berliner, hours, sleeps, []);
}
