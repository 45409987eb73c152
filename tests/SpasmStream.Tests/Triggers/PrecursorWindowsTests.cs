using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Triggers;
using SpasmStream.Tests.Risk;

namespace SpasmStream.Tests.Triggers;

public sealed class PrecursorWindowsTests
{
    static readonly Instant _start = Instant.FromUtc(2026, 6, 1, 0, 0);

    static Instant At(double days) => _start + Duration.FromDays(days);

    static RiskWindow Window(double from, double? until, string target = "migraine") => new()
    {
        Start = At(from),
        End = until is { } end ? At(end) : null,
        Updated = At(from),
        Target = target,
        Peak = 0.3,
        PeakRelativeRisk = 2,
        Band = Band.Raised,
        Reasons = [],
    };

    static Episode Attack(double day) => Story.Migraine(At(day), Duration.FromHours(6), id: $"a{day}");

    [Theory]
    [InlineData(2.5, true)]
    [InlineData(2.99, true)]
    [InlineData(3, false)]
    [InlineData(2, false)]
    [InlineData(1.9, false)]
    public void A_short_window_precedes_what_begins_within_24_hours_after_its_start(double onset,
        bool expected) =>
        Assert.Equal(expected, PrecursorWindows.Mark([Window(2, 2.5)], [Attack(onset)]).Count == 1);

    [Theory]
    [InlineData(4.9, true)]
    [InlineData(5, false)]
    public void A_long_window_precedes_what_begins_inside_it(double onset, bool expected) =>
        Assert.Equal(expected, PrecursorWindows.Mark([Window(2, 5)], [Attack(onset)]).Count == 1);

    [Fact]
    public void A_mark_names_onset_window_and_lead()
    {
        var mark = PrecursorWindows.Mark([Window(2, null)], [Attack(4)]).Single();
        Assert.Equal(new Preceded("a4", At(4), At(2), Duration.FromDays(2)), mark);
    }

    [Fact]
    public void Continued_attacks_day_only_onsets_and_other_targets_are_no_onsets()
    {
        Episode[] episodes = [Attack(1), Attack(2), Story.DayOnly(new LocalDate(2026, 6, 6)),
            Story.NeckSpasm(At(8.5))];
        RiskWindow[] windows = [Window(1.9, 2.4), Window(5, 6), Window(8, 9)];
        Assert.Empty(PrecursorWindows.Mark(windows, episodes));
        Assert.Single(PrecursorWindows.Mark([Window(8, 9, "spasm")], episodes));
    }

    [Fact]
    public void The_shares_go_both_ways_against_the_share_of_time()
    {
        RiskWindow[] windows = [Window(2, 2.5), Window(2.5, 4), Window(7, 7.5)];
        Episode[] episodes = [Attack(2.7), Attack(6), Attack(9)];
        var summary = PrecursorWindows.Summarise(windows, episodes, new Interval(At(0), At(10)), "migraine");
        Assert.Equal((3, 1, 3, 2),
            (summary.Onsets, summary.OnsetsPreceded, summary.Windows, summary.WindowsFollowed));
        Assert.Equal(0.3, summary.ShareOfTime, 12);
        Assert.Equal(1 / 3.0, summary.ShareOfOnsets!.Value, 12);
        Assert.Equal(2 / 3.0, summary.ShareOfWindows!.Value, 12);
        Assert.Null(PrecursorWindows.Summarise([], [], new Interval(At(0), At(1)), "migraine").ShareOfOnsets);
    }
}
