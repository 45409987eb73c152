using System.Text.RegularExpressions;
using SpasmStream.Core.Risk;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Web;

public sealed class PlainTests
{
    static readonly Instant _now = SampleWearers.Now;

    [Theory]
    [InlineData(-30, "just now")]
    [InlineData(0, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 min ago")]
    [InlineData(7_199, "119 min ago")]
    [InlineData(7_200, "2 h ago")]
    [InlineData(172_799, "47 h ago")]
    [InlineData(172_800, "2 days ago")]
    public void Ages_are_rounded_down(int seconds, string expected) =>
        Assert.Equal(expected, Plain.Age(_now - Duration.FromSeconds(seconds), _now));

    [Fact]
    public void Yesterday_is_the_wearers_yesterday()
    {
        var chicago = DateTimeZoneProviders.Tzdb["America/Chicago"];
        var issued = Instant.FromUtc(2026, 11, 21, 13, 5);

        Assert.Equal("today 07:05", Plain.When(issued, _now, chicago));
        Assert.Equal("yesterday 13:05", Plain.When(issued, _now, DateTimeZone.Utc));
    }

    [Theory]
    [InlineData(0.31, 0.13, "about 3 in 10", "about 1 in 10")]
    [InlineData(0.12, 0.07, "about 2 in 20", "about 1 in 20")]
    [InlineData(0.03, 0.012, "about 3 in 100", "about 1 in 100")]
    [InlineData(0.001, 0.02, "less than 1 in 100", "about 2 in 100")]
    [InlineData(0.99, 0.5, "about 9 in 10", "about 5 in 10")]
    public void A_chance_and_the_usual_one_share_a_denominator_on_which_they_differ(
        double probability, double usual, string now, string often)
    {
        var chance = Chance.Of(probability, usual, mustDiffer: true);

        Assert.Equal((now, often), (chance.NowText, chance.UsualText));
    }

    [Fact]
    public void A_usual_day_may_read_the_same_as_the_usual_rate() =>
        Assert.Equal(new Chance(2, 2, 10), Chance.Of(0.22, 0.2, mustDiffer: false));

    [Fact]
    public void An_unlisted_gap_is_still_a_sentence() =>
        Assert.Equal("Not enough was known (zone shift).", Plain.GapSentence("zone_shift"));

    [Fact]
    public void The_drawing_keeps_the_last_sixty_days_inside_its_canvas()
    {
        var days = Enumerable.Range(0, 75)
            .Select(i => new StripDay { Date = new LocalDate(2026, 1, 1).PlusDays(i), Morning = Band.High })
            .ToList();

        var bars = new StripDrawing(days, [], DateTimeZone.Utc).Bars(Band.High);

        var starts = Regex.Matches(bars, @"M(\d+) ").Select(match => int.Parse(match.Groups[1].Value));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i * 8), starts);
    }

    [Fact]
    public void A_short_history_sits_at_the_right_edge()
    {
        var day = new StripDay { Date = new LocalDate(2026, 1, 1), AtRisk = false, Morning = Band.Unknown };

        var drawing = new StripDrawing([day], [], DateTimeZone.Utc);

        Assert.StartsWith("M472 ", drawing.Paused);
        Assert.Empty(drawing.Bars(Band.Unknown));
    }

    [Fact]
    public void D9_A_gap_is_hatched_where_it_lies_and_never_too_narrow_to_be_seen()
    {
        var midnight = Instant.FromUtc(2026, 1, 10, 0, 0);
        StripStretch[] lost =
        [
            new(midnight - Duration.FromDays(90), midnight - Duration.FromDays(80), "before the strip"),
            new(midnight - Duration.FromDays(9), midnight - Duration.FromDays(7), "two days"),
            new(midnight + Duration.FromHours(12), midnight + Duration.FromHours(12.1), "minutes"),
            new(midnight + Duration.FromHours(13), midnight + Duration.FromHours(13.1), "minutes later"),
        ];

        var hatches = new StripDrawing(
            [new StripDay { Date = new LocalDate(2026, 1, 10) }], lost.Skip(1), DateTimeZone.Utc).Hatches;

        Assert.Equal([
            new StripHatch(472 - 9 * 8, 16, "two days"),
            new StripHatch(472 + 4, 3, "minutes. minutes later"),
        ], hatches);
    }
}
