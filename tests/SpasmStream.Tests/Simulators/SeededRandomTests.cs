using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Tests.Simulators;

public sealed class SeededRandomTests
{
    readonly SeededRandom _random = SeededRandom.For(7, "ada", 3, "test");

    [Fact]
    public void Purposes_and_days_share_no_draws()
    {
        ulong[] first =
        [
            SeededRandom.For(7, "ada", 3, "test").Next(), SeededRandom.For(7, "ada", 4, "test").Next(),
            SeededRandom.For(7, "ada", 3, "other").Next(), SeededRandom.For(7, "ben", 3, "test").Next(),
            SeededRandom.For(8, "ada", 3, "test").Next(),
        ];

        Assert.Equal(5, first.Distinct().Count());
        Assert.Equal(first[0], _random.Next());
    }

    [Fact]
    public void Distributions_have_their_moments()
    {
        const int Draws = 100_000;
        double Mean(Func<double> draw) => Enumerable.Range(0, Draws).Average(_ => draw());

        Assert.Equal(0.5, Mean(_random.Unit), 0.01);
        Assert.Equal(3, Mean(() => _random.Normal(3, 2)), 0.05);
        Assert.Equal(4, Mean(() => Math.Pow(_random.Normal(0, 2), 2)), 0.1);
        Assert.Equal(25, Mean(() => _random.Exponential(25)), 0.5);
        Assert.Equal(2.5 * 6.3, Mean(() => _random.Gamma(2.5, 6.3)), 0.2);
        Assert.Equal(2.5 * 6.3 * 6.3, Mean(() => Math.Pow(_random.Gamma(2.5, 6.3) - 2.5 * 6.3, 2)), 3.0);
        Assert.Equal(1.5, Mean(() => _random.Poisson(1.5)), 0.03);

        // The mean resultant length of a von Mises angle is I1(k)/I0(k): 0.3719 at 0.8.
        Assert.Equal(0.3719, Mean(() => Math.Cos(_random.VonMises(0.8))), 0.01);
        Assert.Equal(0, Mean(() => Math.Sin(_random.VonMises(0.8))), 0.01);
    }
}
