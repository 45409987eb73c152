using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>What became of one past at-risk day.</summary>
/// <param name="AgeDays">Days since its issue time; above 0.</param>
/// <param name="Onset">Whether an attack began.</param>
public readonly record struct PastOutcome(double AgeDays, bool Onset);

/// <summary>The wearer's own running chance of an onset on an at-risk day (science 4.6).</summary>
public static class BaseRate
{
    /// <summary>
    /// How long an outcome waits before it counts. A day without an attack is closed 48 hours on; counting
    /// the days with one sooner would make every attack raise the rate before the quiet days around it
    /// lower it.
    /// </summary>
    public static Duration Settling { get; } = Duration.FromHours(48);

    /// <summary>
    /// <c>(6 r0 + sum 2^(-age/90) y) / (6 + sum 2^(-age/90))</c>: half-life 90 days, the stated rate worth
    /// six days.
    /// </summary>
    /// <param name="stated">r0, the chance the wearer's own statement implies; between 0 and 1.</param>
    /// <param name="outcomes">At-risk days with a known outcome.</param>
    public static double Of(double stated, IEnumerable<PastOutcome> outcomes)
    {
        var (onsets, weights) = (6 * stated, 6.0);
        foreach (var outcome in outcomes)
        {
            var weight = Math.Pow(2, -outcome.AgeDays / 90);
            weights += weight;
            if (outcome.Onset)
                onsets += weight;
        }

        return onsets / weights;
    }
}
