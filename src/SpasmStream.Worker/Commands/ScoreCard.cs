using NodaTime;
using SpasmStream.Core.Evaluation;
using SpasmStream.Core.Risk;

namespace SpasmStream.Worker.Commands;

/// <summary>How one wearer's morning forecasts did against the wearer's own running base rate.</summary>
sealed record ScoreCard
{
    /// <summary>Scores begin on this day of the record (science 6.1).</summary>
    public const int FirstDay = 60;

    public required string Wearer { get; init; }

    /// <summary>Mornings with a forecast row.</summary>
    public required int Mornings { get; init; }

    /// <summary>Of those, the ones at risk.</summary>
    public required int AtRisk { get; init; }

    /// <summary>Of those, the ones with a probability.</summary>
    public required int WithProbability { get; init; }

    /// <summary>
    /// Days scored: at risk, with a probability and a label, from <see cref="FirstDay"/> on.
    /// </summary>
    public required int Scored { get; init; }

    /// <summary>Onsets among the scored days.</summary>
    public required int Onsets { get; init; }

    /// <summary>Alerts raised.</summary>
    public required int Alerts { get; init; }

    /// <summary>Share of at-risk mornings without a probability, 0 to 1.</summary>
    public double ShareUnknown => AtRisk == 0 ? 0 : 1 - (double)WithProbability / AtRisk;

    /// <summary>Area under the curve within this wearer; null with fewer than five onsets.</summary>
    public double? Auc { get; init; }

    /// <summary>Brier score.</summary>
    public double? Brier { get; init; }

    /// <summary>Brier skill against the running base rate; above 0 is better than it.</summary>
    public double? BrierSkill { get; init; }

    /// <summary>Mean log loss.</summary>
    public double? LogLoss { get; init; }

    /// <summary>Evidence against the base rate (science 4.9).</summary>
    public double EValue { get; init; }

    public static ScoreCard Of(string wearer, IReadOnlyList<JudgedForecast> judged)
    {
        var mornings = judged.Where(j => j.Forecast.Kind == ForecastKind.Morning).ToList();
        var first = mornings.Count == 0 ? default : mornings.Min(j => j.Forecast.Date).PlusDays(FirstDay);
        var days = mornings
            .Where(j => j is { Label: not null, Forecast: { AtRisk: true, Probability: not null } }
                && j.Forecast.Date >= first)
            .Select(j => new ScoredDay(j.Forecast.Probability!.Value, j.Forecast.BaseRate, j.Label!.Value))
            .ToList();
        return new ScoreCard
        {
            Wearer = wearer,
            Mornings = mornings.Count,
            AtRisk = mornings.Count(j => j.Forecast.AtRisk),
            WithProbability = mornings.Count(j => j.Forecast is { AtRisk: true, Probability: not null }),
            Scored = days.Count,
            Onsets = days.Count(d => d.Onset),
            Alerts = judged.Count(j => j.Forecast.Alerted),
            Auc = WithinWearerSkill.AucOf(days),
            Brier = Skill.Brier(days),
            BrierSkill = Skill.BrierSkill(days),
            LogLoss = Skill.LogLoss(days),
            EValue = Skill.EValue(days),
        };
    }
}
