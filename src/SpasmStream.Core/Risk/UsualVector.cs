using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>The wearer's usual feature values, and which features are active (science 4.4).</summary>
/// <param name="Means">Mean of each feature over past at-risk issue times.</param>
/// <param name="IsActive">Which features the forecast uses.</param>
sealed record UsualVector(double[] Means, bool[] IsActive)
{
    const int PastDays = 56, PseudoDays = 10, MostActive = 15, FewestRows = 5;

    /// <summary>
    /// The first days, in which no baseline can exist, say nothing about what is usually missing.
    /// </summary>
    const int LearningDays = 10;

    /// <summary>
    /// Means over the like issue times of 56 days that were at risk as known now, with ten days at the
    /// expected value mixed in. A feature is dropped when it was missing at more than 60 % of them, then
    /// the weakest until 15 are left. Nothing of the day itself enters.
    /// </summary>
    public static UsualVector From(
        IssueTime issue, ForecastLog past, AttackHistory attacks,
        LocalDate firstDay, FeatureReading[] readings)
    {
        var specs = FeatureTable.All;
        var sums = new double[specs.Count];
        var counts = new int[specs.Count];
        var present = new int[specs.Count];
        var rows = 0;
        var like = past.LikeOf(issue.Kind);
        for (var i = like.Count - 1; i >= 0; i--)
        {
            var row = like[i];
            // An update stands in a row with mornings: the one of its own day is not the past.
            if (row.Issue.Date == issue.Date)
                continue;
            if (Period.DaysBetween(row.Issue.Date, issue.Date) > PastDays)
                break;
            var isCounted = Period.DaysBetween(firstDay, row.Issue.Date) >= LearningDays;
            var isFree = attacks.PhaseAt(row.Issue.At) == AttackPhase.Free;
            if (isCounted)
                rows++;
            for (var j = 0; j < specs.Count; j++)
            {
                if (row.Values[j] is not { } value)
                    continue;
                if (isCounted)
                    present[j]++;
                if (isFree)
                    (sums[j], counts[j]) = (sums[j] + value, counts[j] + 1);
            }
        }

        var means = new double[specs.Count];
        for (var j = 0; j < specs.Count; j++)
            means[j] = (PseudoDays * specs[j].Expected + sums[j]) / (PseudoDays + counts[j]);
        bool IsUsed(int j) => specs[j].Weight != 0 && readings[j].IsKept
            && (rows < FewestRows || rows - present[j] <= 0.6 * rows);
        return new UsualVector(means, Strongest(IsUsed));
    }

    static bool[] Strongest(Func<int, bool> isUsed)
    {
        var specs = FeatureTable.All;
        var active = new bool[specs.Count];
        var order = Enumerable.Range(0, specs.Count)
            .Where(isUsed)
            .OrderByDescending(j => Math.Abs(specs[j].Weight))
            .ThenBy(j => specs[j].Name, StringComparer.Ordinal);
        foreach (var j in order.Take(MostActive))
            active[j] = true;
        return active;
    }
}
