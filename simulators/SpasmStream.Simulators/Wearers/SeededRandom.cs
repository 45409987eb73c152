namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// A small generator of our own (xoshiro256**), so that a seed means the same messages everywhere.
/// </summary>
sealed class SeededRandom
{
    ulong _a;
    ulong _b;
    ulong _c;
    ulong _d;

    SeededRandom(ulong seed) =>
        (_a, _b, _c, _d) = (SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed));

    /// <summary>
    /// A generator for one purpose on one day of one wearer. Days share no draws, so what is changed on one
    /// day leaves every other day as it was.
    /// </summary>
    public static SeededRandom For(long seed, string wearer, int day, string purpose)
    {
        var mixed = (ulong)seed;
        foreach (var part in (ReadOnlySpan<ulong>)[Fnv(wearer), (ulong)(long)day, Fnv(purpose)])
        {
            mixed ^= part;
            mixed = SplitMix(ref mixed);
        }
        return new(mixed);
    }

    public ulong Next()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Unit();

    public bool Chance(double probability) => Unit() < probability;

    public double Normal(double mean, double deviation) =>
        mean + deviation * Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(Math.Tau * Unit());

    public double Exponential(double mean) => -mean * Math.Log(1 - Unit());

    public double LogNormal(double median, double sigma) => median * Math.Exp(Normal(0, sigma));

    public int Poisson(double mean)
    {
        var limit = Math.Exp(-mean);
        var count = 0;
        for (var product = Unit(); product > limit; product *= Unit())
            count++;
        return count;
    }

    /// <summary>Marsaglia and Tsang's method; the shape must be at least 1.</summary>
    public double Gamma(double shape, double scale)
    {
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal(0, 1);
            var v = Math.Pow(1 + c * x, 3);
            if (v > 0 && Math.Log(1 - Unit()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return d * v * scale;
        }
    }

    /// <summary>An angle around 0 by Best and Fisher's method, in radians.</summary>
    public double VonMises(double concentration)
    {
        var tau = 1 + Math.Sqrt(1 + 4 * concentration * concentration);
        var rho = (tau - Math.Sqrt(2 * tau)) / (2 * concentration);
        var r = (1 + rho * rho) / (2 * rho);
        while (true)
        {
            var z = Math.Cos(Math.PI * Unit());
            var f = (1 + r * z) / (r + z);
            var c = concentration * (r - f);
            var u = 1 - Unit();
            if (c * (2 - c) > u || Math.Log(c / u) + 1 >= c)
                return Math.CopySign(Math.Acos(f), Unit() - 0.5);
        }
    }

    static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    static ulong Fnv(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
