namespace SpasmStream.Core.Evaluation;

/// <summary>
/// How good forecasts were (science 6.2). Every result is independent of the order of the days.
/// </summary>
public static class Skill
{
    const double ProbabilityMin = 0.005;

    /// <summary>
    /// The chance that a day with an onset had the higher forecast, ties counting half (mid-ranks); null
    /// without both a day with and a day without an onset.
    /// </summary>
    public static double? Auc(IReadOnlyList<ScoredDay> days)
    {
        var (wins, pairs) = CountPairs(days);
        return pairs == 0 ? null : wins / pairs;
    }

    /// <summary>Mean squared error of the forecasts, 0 to 1; null for no days.</summary>
    public static double? Brier(IReadOnlyList<ScoredDay> days) =>
        Mean(days, static day => Square(day, day.Probability));

    /// <summary>
    /// Brier skill: 1 minus the forecasts' Brier score over the reference's on the same days. Above 0 beats
    /// the reference. Null for no days, or when the reference was never wrong.
    /// </summary>
    public static double? BrierSkill(IReadOnlyList<ScoredDay> days) =>
        Mean(days, static day => Square(day, day.BaseRate)) is { } reference and > 0
            ? 1 - (Brier(days) / reference)
            : null;

    /// <summary>Mean log loss, forecasts clipped to [0.005, 0.995]; null for no days.</summary>
    public static double? LogLoss(IReadOnlyList<ScoredDay> days) => Mean(days, static day =>
    {
        var clipped = Math.Clamp(day.Probability, ProbabilityMin, 1 - ProbabilityMin);
        return -Math.Log(day.Onset ? clipped : 1 - clipped);
    });

    /// <summary>Mean forecast minus share of onsets: above 0 says too much; null for no days.</summary>
    public static double? Bias(IReadOnlyList<ScoredDay> days) =>
        Mean(days, static day => day.Probability - (day.Onset ? 1 : 0));

    /// <summary>
    /// The e-value of science 4.9: how much better the forecasts told the outcomes than the reference did, as
    /// a product over the days; 1 for no days.
    /// </summary>
    public static double EValue(IReadOnlyList<ScoredDay> days) => Math.Exp(LogEValue(days));

    /// <summary>
    /// Natural logarithm of <see cref="EValue"/>, which a long run cannot overflow; minus infinity when a
    /// forecast called impossible what happened. <see cref="ArgumentOutOfRangeException"/> when a base rate
    /// is not within (0, 1) or a forecast not within [0, 1].
    /// </summary>
    public static double LogEValue(IReadOnlyList<ScoredDay> days)
    {
        ArgumentNullException.ThrowIfNull(days);
        var terms = new double[days.Count];
        for (var i = 0; i < terms.Length; i++)
        {
            var (probability, baseRate, onset) = days[i];
            if (!(baseRate is > 0 and < 1 && probability is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(days), days[i], "Not a chance to bet on.");
            terms[i] = Math.Log(onset ? probability / baseRate : (1 - probability) / (1 - baseRate));
        }
        return SortedSum(terms);
    }

    /// <summary>
    /// Pairs of a day with and a day without an onset, and how many the forecasts ordered rightly.
    /// </summary>
    internal static (double Wins, double Pairs) CountPairs(IReadOnlyList<ScoredDay> days)
    {
        ArgumentNullException.ThrowIfNull(days);
        ScoredDay[] sorted = [.. days];
        Array.Sort(sorted, static (a, b) => a.Probability.CompareTo(b.Probability));
        double rankSum = 0, onsets = 0;
        for (var first = 0; first < sorted.Length;)
        {
            var next = first;
            var tiedOnsets = 0;
            for (; next < sorted.Length && IsTie(sorted[next], sorted[first]); next++)
                tiedOnsets += sorted[next].Onset ? 1 : 0;
            rankSum += tiedOnsets * (first + next + 1) / 2.0;
            onsets += tiedOnsets;
            first = next;
        }
        return (rankSum - (onsets * (onsets + 1) / 2), onsets * (sorted.Length - onsets));
    }

    static bool IsTie(ScoredDay a, ScoredDay b) => a.Probability.CompareTo(b.Probability) == 0;

    static double Square(ScoredDay day, double probability)
    {
        var error = probability - (day.Onset ? 1 : 0);
        return error * error;
    }

    static double? Mean(IReadOnlyList<ScoredDay> days, Func<ScoredDay, double> term)
    {
        ArgumentNullException.ThrowIfNull(days);
        if (days.Count == 0)
            return null;
        var terms = new double[days.Count];
        for (var i = 0; i < terms.Length; i++)
            terms[i] = term(days[i]);
        return SortedSum(terms) / terms.Length;
    }

    static double SortedSum(double[] terms)
    {
        Array.Sort(terms);
        var sum = 0.0;
        foreach (var term in terms)
            sum += term;
        return sum;
    }
}
