using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class PriorEngineTests
{
    [Fact]
    public void The_base_rate_is_the_worked_number()
    {
        PastOutcome[] outcomes = [new(1, true), new(2, false), new(3, false), new(4, true), new(5, false)];
        Assert.Equal(0.2629035, BaseRate.Of(0.15, outcomes), 7);
    }

    [Fact]
    public void Without_outcomes_the_base_rate_is_what_the_wearer_stated() =>
        Assert.Equal(0.2, BaseRate.Of(0.2, []), 12);

    [Fact]
    public void Averaging_over_a_missing_feature_is_the_worked_number()
    {
        Assert.Equal(0.5934714, PriorEngine.Sigma(PriorEngine.Shrink(0.4, 0.3)), 7);
        Assert.Equal(0.5986877, PriorEngine.Sigma(PriorEngine.Shrink(0.4, 0)), 7);
    }

    [Fact]
    public void At_a_base_rate_of_one_half_the_forecast_is_the_formula_to_the_letter()
    {
        var missing = Math.Sqrt(0.3 - 0.12 * 0.12);
        Assert.Equal(
            0.5934714,
            PriorEngine.Probability(0.5, [new FeatureTerm(2, 0.2, 0), new FeatureTerm(null, missing, 0)]),
            7);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.15)]
    [InlineData(0.6)]
    public void With_everything_missing_the_forecast_is_the_base_rate(double baseRate) =>
        Assert.Equal(
            baseRate, PriorEngine.Probability(baseRate, [new(null, 0.7, 0.1), new(null, 0.5, 0)]), 12);

    [Theory]
    [InlineData(0.1, 3)]
    [InlineData(0.1, -3)]
    [InlineData(0.7, 3)]
    public void Each_missing_feature_pulls_towards_the_base_rate(double baseRate, double value)
    {
        var known = new FeatureTerm(value, 0.25, 0);
        var all = Math.Abs(PriorEngine.Probability(baseRate, [known]) - baseRate);
        var gappy = Math.Abs(PriorEngine.Probability(baseRate, [known, new(null, 0.7, 0.1)]) - baseRate);
        Assert.InRange(gappy, 0.5 * all, 0.99 * all);
    }

    [Fact]
    public void The_usual_day_has_the_base_rate() =>
        Assert.Equal(0.15, PriorEngine.Probability(0.15, [new(0.4, 0.25, 0.4), new(1, 0.7, 1)]), 12);

    [Theory]
    [InlineData(null, Band.Unknown)]
    [InlineData(0.74, Band.Lower)]
    [InlineData(0.75, Band.Usual)]
    [InlineData(1.49, Band.Usual)]
    [InlineData(1.5, Band.Raised)]
    [InlineData(2.5, Band.High)]
    public void The_bands_begin_where_the_specification_says(double? relativeRisk, Band band) =>
        Assert.Equal(band, Bands.Of(relativeRisk));
}
