using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class WearerRiskTests
{
    static readonly LocalDate _today = Story.FirstDay.PlusDays(40);

    static Forecast OnStrongDay(bool isStrong)
    {
        var story = new Story();
        story.LiveUntil(_today.PlusDays(-2));
        story.Live(_today.PlusDays(-2), d => d with { Stress = isStrong ? 9 : 3 });
        story.Live(_today.PlusDays(-1), d => d with { Stress = isStrong ? 2 : 3 });
        if (isStrong)
            story.Tell(Story.NeckSpasm(Story.At(_today, 0)));
        return story.Live(_today, d => d with { Tst = isStrong ? 270 : 430 });
    }

    [Fact]
    public void Let_down_short_night_and_neck_spasm_raise_the_chance()
    {
        var (strong, calm) = (OnStrongDay(true), OnStrongDay(false));
        Assert.True(strong.RelativeRisk >= 1.5);
        Assert.True(strong.Probability >= 1.5 * calm.Probability);
        Assert.True(strong.Band >= Band.Raised);
        Assert.Equal(["letdown", "neck_spasm_24h"], strong.Reasons.Take(2).Select(r => r.Feature));
        var fall = strong.Reasons[0];
        Assert.Equal((7, "stress_drop"), (fall.Value, fall.Measure));
        var night = strong.Reasons.Single(r => r.Measure == "tst");
        Assert.Equal((270, "min"), (night.Value, night.Unit));
        Assert.InRange(night.Usual!.Value, 400, 460);
    }

    [Fact]
    public void Before_there_is_a_baseline_the_chance_is_unknown()
    {
        var forecast = new Story().Live(Story.FirstDay);
        Assert.Null(forecast.Probability);
        Assert.Equal(Band.Unknown, forecast.Band);
        Assert.Equal("no_diary", forecast.Gap);
        var story = new Story();
        story.LiveUntil(Story.FirstDay.PlusDays(5));
        Func<DaySummary, DaySummary> noDrinks = d =>
            d with { Alcohol = null, Caffeine = null, FastHours = null };
        story.Live(Story.FirstDay.PlusDays(5), noDrinks);
        Assert.NotNull(story.Live(Story.FirstDay.PlusDays(6), noDrinks).Gap);
    }

    [Fact]
    public void Too_little_is_unknown_with_the_largest_gap_and_never_low()
    {
        var story = new Story();
        story.LiveUntil(_today);
        var forecast = story.Live(
            _today.PlusDays(1), d => d with { Tst = null, Mid = null, NightGap = "night_coverage" });
        Assert.Equal(("no_diary", Band.Unknown, null), (forecast.Gap, forecast.Band, forecast.Probability));
        Assert.True(forecast.Coverage < 0.5);
        Assert.True(forecast.AtRisk);
    }

    [Fact]
    public void A_wearer_without_a_diary_is_judged_by_what_is_worn()
    {
        var story = new Story();
        Forecast Worn(int day, bool hasNight = true) => story.Live(Story.FirstDay.PlusDays(day), d => d with
        {
            DiaryContact = false, CheckedIn = false, Stress = null, Alcohol = null, Caffeine = null,
            FastHours = null,
            Tst = hasNight ? d.Tst : null,
            Mid = hasNight ? d.Mid : null,
            RhrNight = hasNight ? d.RhrNight : null,
            NightGap = hasNight ? null : "night_coverage",
        });
        for (var day = 0; day < 40; day++)
            Worn(day);
        var forecast = Worn(40);
        Assert.NotNull(forecast.Probability);
        Assert.DoesNotContain(forecast.Features, f => f.Name == "stress" && f.Weight != 0);
        var blind = Worn(41, hasNight: false);
        Assert.Equal(("night_coverage", null), (blind.Gap, blind.Probability));
    }

    [Fact]
    public void During_and_after_an_attack_there_is_no_forecast()
    {
        var story = new Story();
        story.LiveUntil(_today);
        story.Tell(Story.Migraine(Story.At(_today, 7), Duration.FromHours(10)));
        var during = story.Live(_today);
        Assert.Equal((false, "attack", null), (during.AtRisk, during.Gap, during.Probability));
        Assert.Equal(Band.Unknown, during.Band);
        Assert.Equal("after_attack", story.Live(_today.PlusDays(1)).Gap);
        Assert.True(story.Live(_today.PlusDays(2)).AtRisk);
    }

    [Fact]
    public void A_window_opens_before_a_logged_attack_and_closes_with_it()
    {
        var story = new Story();
        story.LiveUntil(_today.PlusDays(-2));
        story.Live(_today.PlusDays(-2), d => d with { Stress = 10 });
        story.Live(_today.PlusDays(-1), d => d with { Stress = 1 }, evening: false);
        story.Tell(Story.NeckSpasm(Story.At(_today, 0)));
        story.Live(_today, evening: false);
        Assert.Equal(WindowChangeKind.Opened, story.Said[^1].Window!.Kind);
        Assert.Contains(story.Risk.Windows, window => window.End is null);
        story.Tell(Story.Migraine(Story.At(_today, 15)));
        story.Ask(_today, ForecastKind.Evening);
        Assert.Equal(WindowChangeKind.Closed, story.Said[^1].Window!.Kind);
        Assert.Equal(Story.At(_today, 20), story.Said[^1].Window!.Window.End);
    }

    [Fact]
    public void A_window_that_goes_on_speaks_once_and_the_next_one_again()
    {
        var story = new Story();
        for (var day = 0; day < 40; day++)
        {
            story.Live(Story.FirstDay.PlusDays(day));
            if (day % 8 == 5)
                story.Tell(Story.Migraine(Story.At(Story.FirstDay.PlusDays(day), 21), Duration.FromHours(5)));
        }

        bool[] isRisky = [false, true, true, false, true];
        for (var day = 0; day < 5; day++)
        {
            if (isRisky[day])
                story.Tell(Story.NeckSpasm(Story.At(_today.PlusDays(day), 2)));
            var drinks = day < 4 && isRisky[day + 1] ? 6 : 0;
            DaySummary Change(DaySummary d) =>
                d with { Alcohol = drinks, Caffeine = drinks > 0 ? 4 : 2, Stress = 4, Tst = 400, Waso = 45 };
            story.Live(_today.PlusDays(day), Change, evening: false);
        }

        var said = story.Said.TakeLast(5).ToList();
        WindowChangeKind?[] kinds =
        [
            null, WindowChangeKind.Opened, WindowChangeKind.Updated, WindowChangeKind.Closed,
            WindowChangeKind.Opened,
        ];
        Assert.Equal(kinds, said.Select(s => s.Window?.Kind));
        Assert.Equal([false, true, false, false, true], said.Select(s => s.Alert is not null));
        Assert.Equal(said.Select(s => s.Alert is not null), said.Select(s => s.Forecast.Alerted));
    }

    [Fact]
    public void An_episode_logged_late_is_not_known_before_its_receipt()
    {
        var (told, untold) = (new Story(), new Story());
        told.LiveUntil(_today);
        untold.LiveUntil(_today);
        var late = Story.Migraine(Story.At(_today.PlusDays(-6), 10), Duration.FromHours(5),
            Story.At(_today, 9));
        told.Tell(late);
        told.LiveUntil(_today.PlusDays(3), _today);
        untold.LiveUntil(_today.PlusDays(3), _today);
        var before = untold.Said.Count - 6;
        Assert.Equal(untold.Said.Take(before).Select(Story.Bits), told.Said.Take(before).Select(Story.Bits));
        Assert.True(told.Said[^2].Forecast.BaseRate > untold.Said[^2].Forecast.BaseRate);
    }

    [Fact]
    public void The_newest_version_of_an_entry_counts_and_a_withdrawn_one_not_at_all()
    {
        var story = new Story();
        var episode = Story.Migraine(Story.At(_today, 7), Duration.FromHours(5), id: "a");
        story.Tell(episode with { Revision = 2 });
        var older = episode with { Revision = 1, Start = Story.At(_today, 1) };
        story.Tell(older with { Received = Story.At(_today, 9) });
        Assert.Equal(Story.At(_today, 7), story.Risk.Attacks.Attacks.Single().Start);
        story.Tell(episode with { Revision = 3, Withdrawn = true, Received = Story.At(_today, 10) });
        Assert.Empty(story.Risk.Attacks.Attacks);
    }

    [Fact]
    public void Of_two_versions_without_a_revision_the_one_received_later_counts_in_either_order()
    {
        var first = Story.Migraine(Story.At(_today, 7), received: Story.At(_today, 8), id: "a");
        var second = first with { Start = Story.At(_today, 5), Received = Story.At(_today, 9) };
        foreach (var order in (Episode[][])[[first, second], [second, first]])
        {
            var story = new Story();
            foreach (var version in order)
                story.Tell(version);
            Assert.Equal(Story.At(_today, 5), story.Risk.Attacks.Attacks.Single().Start);
        }
    }

    [Fact]
    public void An_attack_moves_the_base_rate_only_with_the_quiet_days_around_it()
    {
        var story = new Story();
        story.LiveUntil(_today);
        story.Tell(Story.Migraine(Story.At(_today, 7), Duration.FromHours(2)));
        double[] rates = [.. Enumerable.Range(0, 4).Select(d => story.Live(_today.PlusDays(d)).BaseRate)];
        Assert.True(rates[0] < story.Said[^10].Forecast.BaseRate);
        Assert.True(rates[1] > 1.2 * rates[0]);
        Assert.True(rates[2] <= rates[1]);
    }

    [Fact]
    public void A_day_summary_known_earlier_does_not_replace_one_known_later()
    {
        var (story, twin) = (new Story(), new Story());
        story.LiveUntil(_today);
        twin.LiveUntil(_today);
        story.Risk.Observe(new Story().Ordinary(_today.PlusDays(-1))
            with { KnownAt = Story.At(_today, 0), Waso = 200 });
        twin.Risk.Observe(new Story().Ordinary(_today.PlusDays(-2))
            with { KnownAt = Story.FirstDay.AtMidnight().InUtc().ToInstant() });
        Assert.Equal(4, Story.ValueOf(story.Live(_today), "waso1"));
        Assert.NotEqual(4, Story.ValueOf(twin.Live(_today), "waso1"));
    }

    [Fact]
    public void An_issue_time_that_is_not_later_than_the_last_is_a_mistake()
    {
        var story = new Story();
        story.Ask(_today, ForecastKind.Evening);
        Assert.Throws<ArgumentOutOfRangeException>(() => story.Ask(_today));
    }
}
