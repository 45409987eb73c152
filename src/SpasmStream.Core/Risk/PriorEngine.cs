namespace SpasmStream.Core.Risk;

/// <summary>One active feature on its way into a forecast.</summary>
/// <param name="Value">f_j; null when missing.</param>
/// <param name="Weight">mu_j.</param>
/// <param name="Mean">The wearer's usual f_j.</param>
public readonly record struct FeatureTerm(double? Value, double Weight, double Mean)
{
    /// <summary>What it does to the log-odds: nothing when missing.</summary>
    public double Push => Value is { } value ? Weight * (value - Mean) : 0;
}

/// <summary>
/// The forecast from published effects alone: member c = 1, tau = 0.12 of the ensemble (science 4.5, 4.6,
/// ruling 9).
/// </summary>
/// <remarks>
/// Without a fitted intercept it is set so that the wearer's usual day has the base rate:
/// <c>eta = logit(b) + sum mu_j (f_j - mean_j)</c>. A missing feature pushes nothing and adds
/// <c>mu_j^2 + tau^2</c> to v. Science 4.6 divides all of eta by <c>sqrt(1 + pi v / 8)</c>, which pulls
/// towards one half; b however is the rate over all days, already averaged over what is missing, so only the
/// deviation from it is shrunk: with everything missing the forecast is b itself (science 0, decision 8).
/// </remarks>
public static class PriorEngine
{
    /// <summary>Engine and version, as forecasts carry it.</summary>
    public const string Model = "prior-only/1";

    /// <summary>Prior standard deviation of a coefficient.</summary>
    const double Tau = 0.12;

    /// <summary>The chance of an onset in the next 24 hours.</summary>
    /// <param name="baseRate">b_t, between 0 and 1.</param>
    /// <param name="terms">The active features.</param>
    public static double Probability(double baseRate, IEnumerable<FeatureTerm> terms)
    {
        var (deviation, variance) = (0.0, 0.0);
        foreach (var term in terms)
        {
            deviation += term.Push;
            if (term.Value is null)
                variance += term.Weight * term.Weight + Tau * Tau;
        }

        return Sigma(Math.Log(baseRate / (1 - baseRate)) + Shrink(deviation, variance));
    }

    /// <summary>
    /// <c>eta / sqrt(1 + pi v / 8)</c>: log-odds averaged over a normal error of variance v (4.6).
    /// </summary>
    public static double Shrink(double eta, double variance) => eta / Math.Sqrt(1 + Math.PI * variance / 8);

    /// <summary>The logistic function.</summary>
    public static double Sigma(double x) => 1 / (1 + Math.Exp(-x));
}
