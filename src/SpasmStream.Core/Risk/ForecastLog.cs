using NodaTime;

namespace SpasmStream.Core.Risk;

/// <summary>An issued forecast as the next one needs it.</summary>
/// <param name="Issue">When.</param>
/// <param name="Probability">Null when unknown or not at risk.</param>
/// <param name="AtRisk">As known then.</param>
/// <param name="Alerted">Whether an alert went with it.</param>
/// <param name="Values">The vector, in the order of <see cref="FeatureTable"/>; null where missing.</param>
sealed record IssuedRow(IssueTime Issue, double? Probability, bool AtRisk, bool Alerted, double?[] Values);

/// <summary>The forecasts issued so far, in order: the engine's memory of what it said.</summary>
sealed class ForecastLog
{
    readonly List<IssuedRow> _all = [];
    readonly List<IssuedRow> _mornings = [];
    readonly List<IssuedRow> _evenings = [];
    readonly List<IssuedRow> _newest = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<IssuedRow> All => _all;

    /// <summary>The scored ones: one a day.</summary>
    public IReadOnlyList<IssuedRow> Mornings => _mornings;

    /// <summary>
    /// The past a forecast of a kind is compared with. An update stands in for the morning of its day, so
    /// that a wearer whose nights always arrive late has updates to compare an update with.
    /// </summary>
    public IReadOnlyList<IssuedRow> LikeOf(ForecastKind kind) => kind switch
    {
        ForecastKind.Morning => _mornings,
        ForecastKind.Evening => _evenings,
        _ => _newest,
    };

    /// <summary>Adds a forecast that is later than all before it.</summary>
    public void Add(Forecast issued)
    {
        var values = new double?[FeatureTable.All.Count];
        foreach (var feature in issued.Features)
            if (FeatureTable.IndexOf.TryGetValue(feature.Name, out var index))
                values[index] = feature.Value;
        var issue = new IssueTime(issued.Issued, issued.Date, issued.Kind);
        var row = new IssuedRow(issue, issued.Probability, issued.AtRisk, issued.Alerted, values);
        _all.Add(row);
        if (issued.Kind == ForecastKind.Evening)
        {
            _evenings.Add(row);
            return;
        }

        if (issued.Kind == ForecastKind.Morning)
            _mornings.Add(row);
        if (_newest is [.., var last] && last.Issue.Date == issued.Date)
            _newest[^1] = row;
        else
            _newest.Add(row);
    }
}
