namespace SpasmStream.Simulators.Wearers;

/// <summary>What stays the same about a wearer for as long as we watch (science 8.1, drawn once).</summary>
sealed record Traits
{
    public required double RestingBpm { get; init; }
    public required double CircadianBpm { get; init; }

    /// <summary>Beats per minute for each step per minute.</summary>
    public required double BpmPerStep { get; init; }

    /// <summary>Usual onset of sleep, in minutes from the midnight that begins the day of waking.</summary>
    public required double BedtimeMinutes { get; init; }

    public required double NeedMinutes { get; init; }
    public required double StepsFactor { get; init; }
    public required double CaffeineServings { get; init; }
    public required double OnsetShiftHours { get; init; }
    public required double SpasmLogit { get; init; }
    public required double CycleDays { get; init; }

    public static Traits Draw(long seed, string wearer)
    {
        var random = SeededRandom.For(seed, wearer, 0, "traits");
        return new()
        {
            RestingBpm = Math.Clamp(random.Normal(60, 5), 54, 69),
            CircadianBpm = Math.Clamp(random.Normal(4, 1), 2, 6),
            BpmPerStep = Math.Clamp(random.LogNormal(0.25, 0.3), 0.15, 0.4),
            BedtimeMinutes = Math.Clamp(random.Normal(-45, 40), -95, 20),
            NeedMinutes = Math.Clamp(random.Normal(444, 25), 405, 480),
            StepsFactor = Math.Clamp(random.LogNormal(0.95, 0.15), 0.7, 1.2),
            CaffeineServings = random.Between(0.8, 3),
            OnsetShiftHours = random.Normal(0, 2),
            SpasmLogit = random.Normal(0, 0.3),
            CycleDays = Math.Clamp(random.Normal(28.5, 2.5), 22, 36),
        };
    }
}
