using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class RestartTests
{
    [Fact]
    public void The_same_things_in_the_same_order_give_the_same_bits()
    {
        static List<string> Run()
        {
            var story = LongStory(120);
            return [.. story.Said.Select(Story.Bits)];
        }

        Assert.Equal(Run(), Run());
    }

    [Theory]
    [InlineData(20)]
    [InlineData(75)]
    [InlineData(119)]
    public void A_restart_from_the_ledger_changes_no_bit(int days)
    {
        var story = LongStory(days);
        var reborn = new WearerRisk(story.Profile);
        foreach (var entry in story.Fed.OfType<DiaryEntry>())
            reborn.Observe(entry);
        foreach (var said in story.Said)
            reborn.Observe(said.Forecast);
        foreach (var day in story.Fed.OfType<DaySummary>().GroupBy(d => d.Date).Select(g => g.Last()))
            reborn.Observe(day);
        Assert.Equal(
            story.Risk.Windows.Select(window => (window.Start, window.End)),
            reborn.Windows.Select(window => (window.Start, window.End)));
        var date = Story.FirstDay.PlusDays(days);
        for (var next = 0; next < 10; next++)
        {
            var first = story.Fed.Count;
            story.Live(date.PlusDays(next));
            foreach (var fed in story.Fed.Skip(first))
                switch (fed)
                {
                    case DaySummary day: reborn.Observe(day); break;
                    case IssueTime issue:
                        var said = story.Said.Single(s => s.Forecast.Issued == issue.At);
                        Assert.Equal(Story.Bits(said), Story.Bits(reborn.Assess(issue)));
                        break;
                }
        }
    }

    internal static Story LongStory(int days, int seed = 3)
    {
        var story = new Story(seed);
        for (var day = 0; day < days; day++)
        {
            var date = Story.FirstDay.PlusDays(day);
            if (day % 9 == 4)
                story.Tell(Story.NeckSpasm(Story.At(date, 2)));
            story.Live(date, d => story.Chance(0.1) ? d with { Stress = 9 } : d);
            if (day % 13 == 6)
                story.Tell(Story.Migraine(Story.At(date, 21), Duration.FromHours(9), Story.At(date, 23)));
        }

        return story;
    }
}
