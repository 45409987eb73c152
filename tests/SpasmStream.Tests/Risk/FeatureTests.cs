using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class FeatureTests
{
    static readonly LocalDate _today = Story.FirstDay.PlusDays(40);

    static Forecast After(
        Func<DaySummary, DaySummary>? yesterday = null, Func<DaySummary, DaySummary>? tonight = null,
        Func<DaySummary, DaySummary>? always = null)
    {
        var story = new Story();
        for (var date = Story.FirstDay; date < _today.PlusDays(-1); date = date.PlusDays(1))
            story.Live(date, always);
        story.Live(_today.PlusDays(-1), d => (yesterday ?? (x => x))((always ?? (x => x))(d)));
        return story.Live(_today, d => (tonight ?? (x => x))((always ?? (x => x))(d)));
    }

    static double? Value(string name, Forecast forecast) => Story.ValueOf(forecast, name);

    [Fact]
    public void A_short_night_is_short_and_unusual_but_not_long()
    {
        var forecast = After(tonight: d => d with { Tst = 250 });
        Assert.InRange(Value("sleep_short", forecast)!.Value, 2, 4);
        Assert.InRange(Value("sleep_dev", forecast)!.Value, 2, 4);
        Assert.Equal(0, Value("oversleep", forecast));
    }

    [Fact]
    public void Values_are_clipped_at_four() =>
        Assert.Equal(4, Value("rhr_up", After(tonight: d => d with { RhrNight = 95 })));

    [Fact]
    public void Mid_sleep_knows_no_midnight()
    {
        Func<DaySummary, DaySummary> before = d =>
            d with { Mid = d.Date.Day % 2 == 0 ? 23.7 : 0.3, IsFree = false };
        Assert.InRange(Value("mid_shift", After(always: before))!.Value, 0, 2);
        Assert.Equal(4, Value("mid_shift", After(tonight: d => d with { Mid = 4.5 }, always: before)));
    }

    [Fact]
    public void The_waking_before_counts_a_night_late()
    {
        Assert.InRange(Value("waso1", After(yesterday: d => d with { Waso = 120 }))!.Value, 2, 4);
        Assert.InRange(Value("waso1", After(tonight: d => d with { Waso = 120 }))!.Value, -2, 2);
    }

    [Fact]
    public void A_still_day_and_a_hard_day_are_seen_the_next_morning()
    {
        var forecast = After(yesterday: d => d with { Steps = 900, Load = 300 });
        Assert.Equal(4, Value("steps_drop", forecast));
        Assert.Equal(1, Value("exert", forecast));
        Assert.Equal(1, Value("exert", After(yesterday: d => d with { Load = 110, VigorousMinutes = 70 })));
        Assert.Equal(0, Value("exert", After(yesterday: d => d with { Load = 110, VigorousMinutes = 5 })));
    }

    [Fact]
    public void A_fall_of_stress_is_a_let_down_and_a_rise_is_none()
    {
        Func<DaySummary, DaySummary> calm = d => d with { Stress = 3 };
        var forecast = After(yesterday: d => d with { Stress = 0 }, always: calm);
        Assert.InRange(Value("letdown", forecast)!.Value, 1.5, 4);
        Assert.True(Value("stress", forecast) < 0);
        Assert.Equal(0, Value("letdown", After(yesterday: d => d with { Stress = 9 }, always: calm)));
    }

    [Fact]
    public void An_exposure_that_was_not_logged_is_missing_and_an_explicit_no_is_zero()
    {
        var forecast = After(yesterday: d => d with { Alcohol = 0, Caffeine = null, FastHours = 6 });
        Assert.Equal(0, Value("alc5", forecast));
        Assert.Null(Value("caff3", forecast));
        Assert.Null(Value("caff_drop", forecast));
        Assert.Equal(1, Value("fast_h", forecast));
        Assert.Equal(1, Value("alc5", After(yesterday: d => d with { Alcohol = 5 })));
    }

    [Theory]
    [InlineData(1.9, 0)]
    [InlineData(2, 1)]
    [InlineData(23.9, 1)]
    [InlineData(24, 0)]
    public void A_neck_spasm_counts_from_two_to_24_hours_back(double hoursBack, double expected)
    {
        var story = new Story();
        story.LiveUntil(_today);
        story.Tell(Story.NeckSpasm(Story.At(_today, 8) - Duration.FromHours(hoursBack)));
        Assert.Equal(expected, Value("neck_spasm_24h", story.Live(_today)));
    }

    [Fact]
    public void Without_contact_for_two_days_no_spasm_is_not_a_no()
    {
        var story = new Story();
        story.LiveUntil(_today);
        story.Live(_today, d => d with { DiaryContact = false });
        Assert.Equal(0, Value("neck_spasm_24h", story.Said[^2].Forecast));
        story.Live(_today.PlusDays(1), d => d with { DiaryContact = false });
        Assert.Null(Value("neck_spasm_24h", story.Said[^1].Forecast));
    }

    [Fact]
    public void A_kept_cycle_marks_its_first_days_and_after_three_lengths_the_days_before()
    {
        var story = new Story();
        Dictionary<int, (double? First, double? Before)> seen = [];
        for (var day = 0; day < 150; day++)
        {
            var isStart = day % 28 == 10;
            var forecast = story.Live(Story.FirstDay.PlusDays(day), d => d with { MensesStart = isStart });
            seen[day] = (Value("menses", forecast), Value("menses_pre", forecast));
        }

        Assert.Null(seen[9].First);
        Assert.Equal([1, 1, 1, 0], Enumerable.Range(10, 4).Select(d => seen[d].First!.Value));
        Assert.Null(seen[93].Before);
        Assert.Equal([0, 1, 1, 0], Enumerable.Range(119, 4).Select(d => seen[d].Before!.Value));
    }

    [Fact]
    public void At_most_fifteen_features_are_active_and_never_one_that_is_mostly_missing()
    {
        var story = new Story();
        for (var day = 0; day < 130; day++)
            story.Live(Story.FirstDay.PlusDays(day), d => d with
            {
                MensesStart = day % 28 == 10,
                FastHours = day % 10 < 3 ? 4 : null,
            });
        var active = story.Said[^1].Forecast.Features.Where(f => f.Weight != 0).Select(f => f.Name).ToList();
        Assert.Equal(15, active.Count);
        Assert.DoesNotContain("fast_h", active);
        Assert.Contains("menses_pre", active);
        Assert.DoesNotContain("steps_drop", active);
    }

    [Fact]
    public void Days_inside_an_attack_do_not_move_what_is_usual()
    {
        var story = new Story();
        var twin = new Story();
        story.LiveUntil(_today.PlusDays(-10));
        twin.LiveUntil(_today.PlusDays(-10));
        foreach (var s in (Story[])[story, twin])
        {
            var length = Duration.FromHours(s == story ? 40 : 41);
            s.Tell(Story.Migraine(Story.At(_today.PlusDays(-10), 21), length, id: "a"));
            for (var back = 9; back >= 1; back--)
            {
                var isIll = s == story && back is 9 or 8;
                DaySummary Change(DaySummary day) =>
                    isIll ? day with { Tst = 700, RhrNight = 80, Steps = 100 } : day;
                s.Live(_today.PlusDays(-back), Change);
            }
        }

        Assert.Equal(Value("sleep_dev", twin.Live(_today)), Value("sleep_dev", story.Live(_today)));
    }
}
