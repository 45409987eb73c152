using SpasmStream.Core.Features;

namespace SpasmStream.Tests.Features;

public sealed class BaselineTests
{
    static readonly LocalDate s_day = new(2026, 3, 10);
    static readonly double[] s_tst = [420, 405, 450, 390, 435, 410, 480, 400, 415, 425];

    [Fact]
    public void The_worked_number_of_the_personal_z()
    {
        var baseline = Baseline.From(s_day, Days(1, s_tst), PopulationScale.Tst)!;

        Assert.Equal(417.5, baseline.Median);
        Assert.Equal(48.577634, baseline.Scale, 6);
        Assert.Equal(0, baseline.WorkShift);
        Assert.Equal(10, baseline.Count);
        Assert.Equal(-1.801240, baseline.Z(330, isFree: false), 6);
    }

    [Fact]
    public void The_order_of_days_does_not_matter()
    {
        var days = Days(1, s_tst).Concat(Days(11, [500, 510, 380], isFree: true)).ToArray();
        var expected = Baseline.From(s_day, days, PopulationScale.Tst);
        var random = new Random(3);

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(days);
            Assert.Equal(expected, Baseline.From(s_day, days, PopulationScale.Tst));
        }
    }

    [Fact]
    public void The_day_itself_later_days_and_days_before_56_are_not_used()
    {
        ReferenceDay[] days =
        [
            .. Days(1, s_tst), new(s_day, false, 9000), new(s_day.PlusDays(1), false, 9000),
            new(s_day.PlusDays(-57), false, 9000),
        ];

        Assert.Equal(
            Baseline.From(s_day, Days(1, s_tst), PopulationScale.Tst),
            Baseline.From(s_day, days, PopulationScale.Tst));
    }

    [Fact]
    public void Fewer_than_ten_days_in_28_fall_back_to_56_and_then_to_none()
    {
        ReferenceDay[] sparse = [.. Days(1, s_tst[..9]), new(s_day.PlusDays(-56), false, 425)];
        ReferenceDay[] enough = [.. Days(1, s_tst), new(s_day.PlusDays(-56), false, 425)];

        Assert.Equal(10, Baseline.From(s_day, sparse, PopulationScale.Tst)!.Count);
        Assert.Equal(10, Baseline.From(s_day, enough, PopulationScale.Tst)!.Count);
        Assert.Null(Baseline.From(s_day, Days(1, s_tst[..9]), PopulationScale.Tst));
    }

    [Fact]
    public void A_day_off_is_judged_by_days_off()
    {
        var days = Days(1, [.. Enumerable.Repeat(400.0, 20)])
            .Concat(Days(21, [.. Enumerable.Repeat(480.0, 6)], isFree: true)).ToArray();
        var baseline = Baseline.From(s_day, days, PopulationScale.Tst)!;

        // Median of all 26 is 400; six days off shift by 6 / (6 + 4) of 80.
        Assert.Equal(48, baseline.FreeShift, 9);
        Assert.Equal(0, baseline.WorkShift);
        Assert.True(baseline.Z(480, isFree: true) < baseline.Z(480, isFree: false));
    }

    [Fact]
    public void The_score_is_clipped_and_the_scale_never_below_half_the_populations()
    {
        var days = Days(1, [.. Enumerable.Repeat(400.0, 28)]);
        var many = Baseline.From(s_day, days, PopulationScale.Tst)!;

        Assert.True(many.Scale >= PopulationScale.Tst / 2);
        Assert.Equal(4, many.Z(4000, isFree: false));
        Assert.Equal(-4, many.Z(-4000, isFree: false));
    }

    static ReferenceDay[] Days(int firstAgo, double[] values, bool isFree = false) =>
        [.. values.Select((value, i) => new ReferenceDay(s_day.PlusDays(-firstAgo - i), isFree, value))];
}
