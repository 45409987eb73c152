using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>
/// Folds forecasts into risk windows: a window is a maximal run of issue times, of whatever kind, that are
/// at risk with at least 1.5 times the usual chance (science 5.1).
/// </summary>
/// <remarks>
/// The first issue time that is not closes it: a lower chance, an unknown one (nothing then says that the
/// risk goes on), or an attack, which ends being at risk.
/// </remarks>
public sealed class WindowFold
{
    /// <summary>The least relative risk of a window.</summary>
    public const double Raised = 1.5;

    readonly List<RiskWindow> _all = [];

    /// <summary>Every window so far, in order; the last may be open.</summary>
    public IReadOnlyList<RiskWindow> All => _all;

    /// <summary>The window that is open; null when none is.</summary>
    public RiskWindow? Open { get; private set; }

    /// <summary>Whether an alert has gone with the open window: one window is one incident.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>Whether a forecast belongs to a window.</summary>
    public static bool IsRaised(Forecast forecast) => forecast.AtRisk && forecast.RelativeRisk >= Raised;

    /// <summary>Takes in the next forecast; null when nothing was open and nothing opened.</summary>
    public WindowChange? Observe(Forecast forecast)
    {
        var change = Fold(forecast);
        if (change is { Kind: WindowChangeKind.Opened })
            _all.Add(change.Window);
        else if (change is not null)
            _all[^1] = change.Window;
        return change;
    }

    WindowChange? Fold(Forecast forecast)
    {
        if (!IsRaised(forecast))
            return Close(forecast.Issued);
        HasSpoken |= forecast.Alerted;
        if (Open is { } open)
        {
            Open = Extend(open, forecast);
            return new WindowChange(WindowChangeKind.Updated, Open);
        }

        Open = new RiskWindow
        {
            Start = forecast.Issued,
            Updated = forecast.Issued,
            Target = forecast.Target,
            Peak = forecast.Probability!.Value,
            PeakRelativeRisk = forecast.RelativeRisk!.Value,
            Band = forecast.Band,
            Reasons = forecast.Reasons,
        };
        return new WindowChange(WindowChangeKind.Opened, Open);
    }

    WindowChange? Close(Instant at)
    {
        if (Open is not { } open)
            return null;
        (Open, HasSpoken) = (null, false);
        return new WindowChange(WindowChangeKind.Closed, open with { End = at });
    }

    static RiskWindow Extend(RiskWindow open, Forecast forecast)
    {
        var isPeak = forecast.Probability > open.Peak;
        return open with
        {
            Updated = forecast.Issued,
            Peak = isPeak ? forecast.Probability!.Value : open.Peak,
            PeakRelativeRisk = Math.Max(open.PeakRelativeRisk, forecast.RelativeRisk!.Value),
            Band = forecast.Band > open.Band ? forecast.Band : open.Band,
            Reasons = isPeak ? forecast.Reasons : open.Reasons,
        };
    }
}
