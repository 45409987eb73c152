using NodaTime;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Alerting;

/// <summary>A high-risk day worth telling the wearer about. One risk window raises at most one.</summary>
public sealed record Alert
{
    /// <summary>When it was raised: the issue time of its forecast.</summary>
    public required Instant Raised { get; init; }

    /// <summary>Start of the risk window it belongs to.</summary>
    public required Instant WindowStart { get; init; }

    /// <summary>End of the 24 hours that were forecast.</summary>
    public required Instant WindowEnd { get; init; }

    /// <summary>What is forecast.</summary>
    public required string Target { get; init; }

    /// <summary>Chance of an onset until <see cref="WindowEnd"/>.</summary>
    public required double Probability { get; init; }

    /// <summary>The wearer's usual chance.</summary>
    public required double BaseRate { get; init; }

    /// <summary>What pushed most, in the wearer's own numbers.</summary>
    public required IReadOnlyList<Reason> Reasons { get; init; }

    /// <summary>Whether the forecast has not yet been shown to beat the wearer's usual rate.</summary>
    public required bool Experimental { get; init; }

    /// <summary>
    /// Not to be sent before: the end of the quiet hours it was raised in, else <see cref="Raised"/>.
    /// </summary>
    public required Instant SendAfter { get; init; }

    /// <summary>
    /// Not to be sent at or after: min(12 h, half of what is left of the window) from then on.
    /// </summary>
    public required Instant Expires { get; init; }

    /// <summary>The alert of an alerted forecast.</summary>
    public static Alert Of(Forecast forecast, Instant windowStart, WearerProfile profile)
    {
        var end = forecast.Issued + Duration.FromHours(24);
        var sendAfter = AfterQuiet(forecast.Issued, profile);
        var left = end - sendAfter;
        return new Alert
        {
            Raised = forecast.Issued,
            WindowStart = windowStart,
            WindowEnd = end,
            Target = forecast.Target,
            Probability = forecast.Probability!.Value,
            BaseRate = forecast.BaseRate,
            Reasons = forecast.Reasons,
            Experimental = forecast.Gate != "validated",
            SendAfter = sendAfter,
            Expires = sendAfter + Duration.Min(Duration.FromHours(12), left / 2),
        };
    }

    /// <summary>
    /// The end of the quiet hours <paramref name="at"/> lies in, else <paramref name="at"/> itself. Quiet
    /// hours include their start and exclude their end; equal ends mean none.
    /// </summary>
    public static Instant AfterQuiet(Instant at, WearerProfile profile)
    {
        var (from, until) = (profile.QuietFrom, profile.QuietUntil);
        var local = profile.LocalAt(at);
        var time = local.TimeOfDay;
        var isQuiet = from <= until ? time >= from && time < until : time >= from || time < until;
        if (!isQuiet)
            return at;
        var date = time < until ? local.Date : local.Date.PlusDays(1);
        return Instant.Max(at, profile.At(date, until));
    }
}
