namespace SpasmStream.Core.Features;

/// <summary>
/// Training impulse (science 3.6): minutes weighted by how much of the heart-rate reserve they used. The
/// men's coefficients are used for everybody, because a profile does not hold a sex: within one wearer a
/// constant choice is what matters.
/// </summary>
public static class Trimp
{
    /// <summary>From this share of the reserve on a minute is vigorous.</summary>
    public const double VigorousShare = 0.6;

    const double Factor = 0.64;
    const double Growth = 1.92;

    /// <summary>
    /// The share of the reserve in use, x in [0, 1]: (heart rate - resting) / (max - resting), all in beats
    /// per minute; 0 when the maximum is not above the resting rate.
    /// </summary>
    public static double ShareOf(double heartRateBpm, double restingBpm, double maxBpm) =>
        maxBpm > restingBpm ? Math.Clamp((heartRateBpm - restingBpm) / (maxBpm - restingBpm), 0, 1) : 0;

    /// <summary>What one minute at share x adds: x * 0.64 * e^(1.92 x).</summary>
    public static double OfMinute(double share) => share * Factor * Math.Exp(Growth * share);

    /// <summary>The expected maximal heart rate, 208 - 0.7 * age, or what was seen if that is more.</summary>
    public static double MaxRate(int ageYears, double seenBpm) => Math.Max(208 - (0.7 * ageYears), seenBpm);
}
