using SpasmStream.Core.Features;

namespace SpasmStream.Tests.Features;

public sealed class CircularTests
{
    [Fact]
    public void The_worked_number_of_the_mean_mid_sleep() =>
        Assert.Equal(0.981859, Circular.Mean([23.5, 0.5, 3.0])!.Value, 6);

    [Fact]
    public void The_mean_does_not_depend_on_order() =>
        Assert.Equal(
            Circular.Mean([3.1, 23.5, 0.5, 4.4])!.Value, Circular.Mean([0.5, 4.4, 3.1, 23.5])!.Value, 12);

    [Theory]
    [InlineData(0.5, 23.5, 1)]
    [InlineData(23.5, 0.5, -1)]
    [InlineData(12, 0, -12)]
    [InlineData(5, 5, 0)]
    public void The_difference_goes_the_short_way(double to, double from, double hours) =>
        Assert.Equal(hours, Circular.Difference(to, from), 12);

    [Fact]
    public void The_median_stands_where_the_mean_is_pulled_away()
    {
        Assert.Equal(0.5, Circular.Median([23.5, 0.5, 3.0])!.Value, 9);
        Assert.Equal(23.75, Circular.Median([23, 23.5, 0, 6])!.Value, 9);
    }

    [Fact]
    public void Hours_that_cancel_out_have_no_mean_and_no_hours_neither()
    {
        Assert.Null(Circular.Mean([0, 12]));
        Assert.Null(Circular.Median([]));
    }

    [Theory]
    [InlineData(-1e-17)]
    [InlineData(24)]
    [InlineData(-24)]
    [InlineData(0)]
    public void A_wrapped_hour_is_below_24(double hours) => Assert.Equal(0, Circular.Wrap(hours));
}
