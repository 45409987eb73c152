namespace SpasmStream.Core.Evaluation;

/// <summary>
/// Discrimination within wearers, which differences in rate between wearers cannot flatter (science 6.2):
/// only wearers with at least five onsets, and a day without one, count.
/// </summary>
/// <param name="Concordance">C_within: rightly ordered pairs over all pairs; null without a wearer.</param>
/// <param name="MeanAuc">Mean of the wearers' own AUC; null without a wearer.</param>
/// <param name="Wearers">How many counted.</param>
public sealed record WithinWearerSkill(double? Concordance, double? MeanAuc, int Wearers)
{
    /// <summary>Fewer onsets say nothing about a wearer.</summary>
    public const int OnsetsMin = 5;

    /// <summary>Scores wearers, each with the list of their own days.</summary>
    public static WithinWearerSkill Of(IEnumerable<IReadOnlyList<ScoredDay>> wearers)
    {
        ArgumentNullException.ThrowIfNull(wearers);
        double wins = 0, pairs = 0;
        var aucs = new List<double>();
        foreach (var days in wearers)
        {
            if (AucOf(days) is not { } auc)
                continue;
            var counted = Skill.CountPairs(days);
            wins += counted.Wins;
            pairs += counted.Pairs;
            aucs.Add(auc);
        }
        if (aucs.Count == 0)
            return new WithinWearerSkill(null, null, 0);
        aucs.Sort(); // wins and pairs are exact halves; means are not
        return new WithinWearerSkill(wins / pairs, aucs.Average(), aucs.Count);
    }

    /// <summary>One wearer's AUC; null with fewer than five onsets or no day without one.</summary>
    public static double? AucOf(IReadOnlyList<ScoredDay> days)
    {
        ArgumentNullException.ThrowIfNull(days);
        return days.Count(static day => day.Onset) < OnsetsMin ? null : Skill.Auc(days);
    }
}
