using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Alerting;

/// <summary>
/// Whether a forecast may speak (science 4.10, design 6). It decides from the ledger alone, so a restart
/// changes nothing.
/// </summary>
/// <remarks>
/// The budget: each of two tokens comes back seven days after it was spent, so no seven days hold three
/// alerts; 20 hours between alerts; at most a fifth of the last 90 at-risk days. The rule that early alerts
/// stop after 90 scored days without skill (ruling 10) needs the skill gate and has no place here before
/// it.
/// </remarks>
static class AlertBudget
{
    public const int FirstDay = 28;
    const double Share = 0.20;
    const int Tokens = 2, AtRiskDays = 90, FewestForecasts = 20;

    static readonly Duration _refill = Duration.FromDays(7);
    static readonly Duration _apart = Duration.FromHours(20);

    /// <summary>Whether an alert may go with a forecast that is not yet in the ledger.</summary>
    /// <param name="forecast">The forecast.</param>
    /// <param name="past">What was issued before it.</param>
    /// <param name="mode">How the wearer wants to be told.</param>
    /// <param name="first">The wearer's first day with a summary or forecast.</param>
    public static bool Admits(Forecast forecast, ForecastLog past, AlertMode mode, LocalDate first) =>
        WindowFold.IsRaised(forecast)
        && forecast.Coverage >= Picture.EnoughCoverage
        && IsWanted(mode, forecast.Gate)
        && Period.DaysBetween(first, forecast.Date) >= FirstDay
        && HasToken(forecast.Issued, past)
        && IsAmongHighest(forecast, past)
        && IsWithinShare(forecast, past);

    static bool IsWanted(AlertMode mode, string gate) => mode switch
    {
        AlertMode.Early => true,
        AlertMode.Promising => gate is "promising" or "validated",
        AlertMode.Validated => gate is "validated",
        _ => false,
    };

    static bool HasToken(Instant at, ForecastLog past)
    {
        var spent = 0;
        for (var i = past.All.Count - 1; i >= 0 && at - past.All[i].Issue.At < _refill; i--)
        {
            if (!past.All[i].Alerted)
                continue;
            if (at - past.All[i].Issue.At < _apart)
                return false;
            spent++;
        }

        return spent < Tokens;
    }

    /// <summary>
    /// Whether the chance reaches the 80 % quantile of the wearer's own over the last 90 at-risk days, like
    /// compared with like; with fewer than 20 to compare nothing is known to be high.
    /// </summary>
    static bool IsAmongHighest(Forecast forecast, ForecastLog past)
    {
        var like = past.LikeOf(forecast.Kind);
        List<double> chances = [];
        for (var i = like.Count - 1; i >= 0 && chances.Count < AtRiskDays; i--)
            if (like[i].Issue.Date != forecast.Date && like[i].Probability is { } chance)
                chances.Add(chance);
        return chances.Count >= FewestForecasts
            && forecast.Probability >= Quantile.Of(chances.ToArray(), 1 - Share);
    }

    static bool IsWithinShare(Forecast forecast, ForecastLog past)
    {
        var (day, days, alerted) = (forecast.Date, 1, 1);
        var isCounted = true;
        for (var i = past.All.Count - 1; i >= 0; i--)
        {
            var row = past.All[i];
            if (!row.AtRisk)
                continue;
            if (row.Issue.Date != day)
            {
                if (days == AtRiskDays)
                    break;
                (day, days, isCounted) = (row.Issue.Date, days + 1, false);
            }

            if (row.Alerted && !isCounted)
                (alerted, isCounted) = (alerted + 1, true);
        }

        return alerted <= Share * days;
    }
}
