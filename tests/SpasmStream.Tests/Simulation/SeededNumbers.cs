namespace SpasmStream.Tests.Simulation;

/// <summary>Random numbers that are the same for a seed on every machine (SplitMix64).</summary>
sealed class SeededNumbers(ulong seed) : Random
{
    ulong _state = seed * 0x9E37_79B9_7F4A_7C15 + 0xD1B5_4A32_D192_ED03;

    public ulong Draw()
    {
        var mixed = _state += 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }

    public override int Next(int maxValue) => (int)(Draw() % (ulong)maxValue);

    public override int Next(int minValue, int maxValue) => minValue + Next(maxValue - minValue);

    public override double NextDouble() => Sample();

    /// <summary>True that often of one time.</summary>
    public bool Chance(double share) => share > 0 && Sample() < share;

    /// <summary>A pause with that mean, as things come that do not know of each other.</summary>
    public TimeSpan Pause(TimeSpan mean) => mean * -Math.Log(1 - Sample());

    /// <summary>Between two lengths, each order of magnitude as often as any other.</summary>
    public TimeSpan Between(TimeSpan shortest, TimeSpan longest) =>
        shortest * Math.Pow(longest / shortest, Sample());

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Next(choices.Length)];

    protected override double Sample() => (Draw() >> 11) * (1.0 / (1UL << 53));
}
