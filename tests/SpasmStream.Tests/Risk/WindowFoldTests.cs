using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class WindowFoldTests
{
    static Forecast Said(int day, double? relativeRisk, bool atRisk = true, bool alerted = false) => new()
    {
        Issued = Story.At(Story.FirstDay.PlusDays(day), 8),
        Date = Story.FirstDay.PlusDays(day),
        Kind = ForecastKind.Morning,
        Target = "migraine",
        Probability = relativeRisk * 0.25,
        BaseRate = 0.25,
        Band = alerted ? Band.High : Bands.Of(relativeRisk),
        AtRisk = atRisk,
        Coverage = 1,
        Gate = "learning",
        Model = "prior-only/1",
        Features = [],
        Reasons = [new Reason("letdown", "stress_drop", day, 1, "1", 0.3)],
        Alerted = alerted,
    };

    [Fact]
    public void A_window_opens_goes_on_and_closes_at_the_first_issue_time_after_it()
    {
        var fold = new WindowFold();
        Assert.Null(fold.Observe(Said(0, 1.4)));
        Assert.Equal(WindowChangeKind.Opened, fold.Observe(Said(1, 1.5))!.Kind);
        var updated = fold.Observe(Said(2, 2.6))!;
        Assert.Equal(WindowChangeKind.Updated, updated.Kind);
        fold.Observe(Said(3, 1.8));
        var closed = fold.Observe(Said(4, 1.2))!;
        Assert.Equal(WindowChangeKind.Closed, closed.Kind);
        Assert.Null(fold.Open);
        Assert.Equal(Said(1, 1).Issued, closed.Window.Start);
        Assert.Equal(Said(3, 1).Issued, closed.Window.Updated);
        Assert.Equal(Said(4, 1).Issued, closed.Window.End);
        Assert.Equal(2.6, closed.Window.PeakRelativeRisk, 12);
        Assert.Equal(0.65, closed.Window.Peak, 12);
        Assert.Equal(Band.High, closed.Window.Band);
        Assert.Equal(2, closed.Window.Reasons.Single().Value);
    }

    [Fact]
    public void An_unknown_chance_closes_the_window()
    {
        var fold = new WindowFold();
        fold.Observe(Said(1, 2));
        Assert.Equal(WindowChangeKind.Closed, fold.Observe(Said(2, null))!.Kind);
    }

    [Fact]
    public void An_attack_closes_the_window()
    {
        var fold = new WindowFold();
        fold.Observe(Said(1, 2));
        Assert.Equal(WindowChangeKind.Closed, fold.Observe(Said(2, null, atRisk: false))!.Kind);
        Assert.Null(fold.Observe(Said(3, null, atRisk: false)));
    }

    [Fact]
    public void A_window_remembers_that_it_spoke_until_it_closes()
    {
        var fold = new WindowFold();
        fold.Observe(Said(1, 2, alerted: true));
        fold.Observe(Said(2, 2));
        Assert.True(fold.HasSpoken);
        fold.Observe(Said(3, 1));
        fold.Observe(Said(4, 2));
        Assert.False(fold.HasSpoken);
    }
}
