using System.Diagnostics;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class CalibrationTests(ITestOutputHelper output)
{
    [Fact]
    public void On_wearers_without_triggers_the_mean_chance_is_near_the_onset_rate()
    {
        var (chance, rate, onsets, days) = (0.0, 0.0, 0, 0);
        var watch = Stopwatch.StartNew();
        for (var seed = 0; seed < 12; seed++)
        {
            var story = NullYear(seed, 0.08 + 0.02 * (seed % 6));
            foreach (var said in story.Said.Select(s => s.Forecast))
            {
                if (said.Kind != ForecastKind.Morning || said.Probability is not { } p
                    || said.Date < Story.FirstDay.PlusDays(28))
                    continue;
                var issue = new IssueTime(said.Issued, said.Date, said.Kind);
                (chance, rate, days) = (chance + p, rate + said.BaseRate, days + 1);
                onsets += story.Risk.Attacks.IsFollowed(issue) ? 1 : 0;
            }
        }

        output.WriteLine(
            $"{days} days, onset rate {(double)onsets / days:0.0000}, mean chance {chance / days:0.0000}, "
            + $"mean base rate {rate / days:0.0000}, {watch.ElapsedMilliseconds / 12} ms a wearer-year");
        Assert.True(days > 2000);
        Assert.InRange(chance / days - (double)onsets / days, -0.03, 0.03);
    }

    [Fact]
    public void A_wearer_year_with_two_forecasts_a_day_gives_windows_and_alerts_within_the_budget()
    {
        var story = NullYear(99, 0.15);
        Assert.Equal(730, story.Said.Count);
        var opened = story.Said.Count(s => s.Window?.Kind == WindowChangeKind.Opened);
        var closed = story.Said.Count(s => s.Window?.Kind == WindowChangeKind.Closed);
        Assert.InRange(opened - closed, 0, 1);
        Assert.True(opened > 5);
        Assert.InRange(story.Said.Count(s => s.Alert is not null), 1, 73);
        Assert.All(story.Said.Where(s => s.Alert is not null), s => Assert.Equal(Band.High, s.Forecast.Band));
        var alerts = story.Said.Select(s => s.Alert).OfType<Alert>().ToList();
        Assert.Equal(alerts.Count, alerts.Select(a => a.WindowStart).Distinct().Count());
    }

    /// <summary>A year in which attacks begin by chance alone, once at most in a free day.</summary>
    static Story NullYear(int seed, double rate)
    {
        var story = new Story(seed);
        var freeFrom = Instant.MinValue;
        for (var day = 0; day < 365; day++)
        {
            var date = Story.FirstDay.PlusDays(day);
            var issued = Story.At(date, 8);
            story.Live(date, evening: false);
            var onset = issued + Duration.FromMinutes(1 + (int)(1438 * story.Uniform()));
            var begins = issued >= freeFrom && story.Chance(rate);
            var isToday = onset < Story.At(date, 20);
            if (begins && isToday)
                story.Tell(Story.Migraine(onset, Duration.FromHours(14)));
            story.Ask(date, ForecastKind.Evening);
            if (begins && !isToday)
                story.Tell(Story.Migraine(onset, Duration.FromHours(14)));
            if (begins)
                freeFrom = onset + Duration.FromHours(38);
        }

        return story;
    }
}
