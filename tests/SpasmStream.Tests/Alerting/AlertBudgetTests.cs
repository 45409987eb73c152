using CsCheck;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Alerting;

public sealed class AlertBudgetTests
{
    static readonly LocalDate _first = new(2026, 1, 5);

    static Forecast Said(
        Instant at, double? probability, ForecastKind kind = ForecastKind.Morning, bool atRisk = true,
            string gate = "learning") => new()
    {
        Issued = at,
        Date = at.InUtc().Date,
        Kind = kind,
        Target = "migraine",
        Probability = atRisk ? probability : null,
        BaseRate = 0.15,
        Band = Bands.Of(probability / 0.15),
        AtRisk = atRisk,
        Coverage = 1,
        Gate = gate,
        Model = "prior-only/1",
        Features = [],
        Reasons = [],
    };

    static Instant Morning(int day) => _first.PlusDays(day).At(new LocalTime(8, 0)).InUtc().ToInstant();

    static ForecastLog Quiet(int days)
    {
        var log = new ForecastLog();
        for (var day = 0; day < days; day++)
            log.Add(Said(Morning(day), 0.15));
        return log;
    }

    static bool Admits(Forecast forecast, ForecastLog past, AlertMode mode = AlertMode.Early) =>
        AlertBudget.Admits(forecast, past, mode, _first);

    [Fact]
    public void A_high_day_after_four_weeks_may_speak() =>
        Assert.True(Admits(Said(Morning(40), 0.4), Quiet(40)));

    [Fact]
    public void Nothing_is_said_before_day_28()
    {
        Assert.False(Admits(Said(Morning(27), 0.4), Quiet(27)));
        Assert.True(Admits(Said(Morning(28), 0.4), Quiet(28)));
    }

    [Fact]
    public void The_chance_has_to_be_one_and_a_half_times_the_usual_one()
    {
        Assert.False(Admits(Said(Morning(40), 0.22), Quiet(40)));
        Assert.True(Admits(Said(Morning(40), 0.23), Quiet(40)));
    }

    [Fact]
    public void The_chance_has_to_be_among_the_highest_fifth_of_the_wearers_own()
    {
        var log = new ForecastLog();
        for (var day = 0; day < 50; day++)
            log.Add(Said(Morning(day), 0.2 + 0.004 * day));
        Assert.False(Admits(Said(Morning(50), 0.35), log));
        Assert.True(Admits(Said(Morning(50), 0.36), log));
    }

    [Fact]
    public void Fewer_than_20_forecasts_are_too_few_to_call_a_day_high()
    {
        var log = new ForecastLog();
        for (var day = 21; day < 40; day++)
            log.Add(Said(Morning(day), 0.15));
        Assert.False(Admits(Said(Morning(40), 0.4), log));
        log.Add(Said(Morning(40), 0.15));
        Assert.True(Admits(Said(Morning(41), 0.4), log));
    }

    [Fact]
    public void Poor_coverage_or_an_attack_keeps_it_quiet()
    {
        Assert.False(Admits(Said(Morning(40), 0.4) with { Coverage = 0.49 }, Quiet(40)));
        Assert.False(Admits(Said(Morning(40), 0.4, atRisk: false), Quiet(40)));
    }

    [Theory]
    [InlineData(AlertMode.Early, "learning", true)]
    [InlineData(AlertMode.Promising, "learning", false)]
    [InlineData(AlertMode.Promising, "promising", true)]
    [InlineData(AlertMode.Validated, "promising", false)]
    [InlineData(AlertMode.Validated, "validated", true)]
    [InlineData(AlertMode.Off, "validated", false)]
    public void The_mode_decides_which_gate_is_enough(AlertMode mode, string gate, bool expected) =>
        Assert.Equal(expected, Admits(Said(Morning(40), 0.4, gate: gate), Quiet(40), mode));

    [Fact]
    public void Never_more_than_two_in_seven_days_nor_two_within_20_hours() =>
        Gen.Select(Gen.Int[1, 30], Gen.Double[0.05, 0.9], Gen.Int[0, 9]).Array[50, 300].Sample(steps =>
        {
            var log = Quiet(28);
            var at = Morning(28);
            List<Instant> alerts = [];
            foreach (var (hours, chance, luck) in steps)
            {
                at += Duration.FromHours(hours);
                var kind = luck < 5 ? ForecastKind.Morning : ForecastKind.Evening;
                var forecast = Said(at, chance, kind, atRisk: luck != 9);
                if (Admits(forecast, log))
                {
                    alerts.Add(at);
                    forecast = forecast with { Alerted = true };
                }

                log.Add(forecast);
            }

            for (var i = 1; i < alerts.Count; i++)
                Assert.True(alerts[i] - alerts[i - 1] >= Duration.FromHours(20));
            for (var i = 2; i < alerts.Count; i++)
                Assert.True(alerts[i] - alerts[i - 2] >= Duration.FromDays(7));
            var rows = log.All.Where(r => r.AtRisk).ToList();
            if (alerts.Count > 0)
                Assert.True(alerts.Count <= Math.Max(1,
                    0.2 * rows.Select(r => r.Issue.Date).Distinct().Count()) + 1);
        });

    [Fact]
    public void At_most_a_fifth_of_the_at_risk_days_have_an_alert()
    {
        // Twenty at-risk days far apart with every token spent as soon as it is back.
        var log = new ForecastLog();
        for (var day = 0; day < 100; day++)
        {
            var isLoud = day >= 30 && day % 5 == 0;
            var forecast = Said(Morning(day), isLoud ? 0.4 : 0.15, atRisk: day < 30 || day % 5 == 0);
            log.Add(Admits(forecast, log) ? forecast with { Alerted = true } : forecast);
        }

        var days = log.All.Count(r => r.AtRisk);
        var alerts = log.All.Count(r => r.Alerted);
        Assert.InRange(alerts, 1, (int)(0.2 * days));
    }
}
