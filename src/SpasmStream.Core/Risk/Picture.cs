namespace SpasmStream.Core.Risk;

/// <summary>
/// What is known at one issue time: each feature, which of them count, how much of their weight is there,
/// and why the rest is not.
/// </summary>
sealed class Picture
{
    /// <summary>Below this share of the active weight the chance is unknown (science 4.10).</summary>
    public const double EnoughCoverage = 0.5;

    /// <summary>
    /// The least push worth a sentence. Science 4.6 asks for 0.15 of a fitted weight; with published
    /// weights of 0.05 to 0.12 per unit that would silence nearly every measured reason.
    /// </summary>
    const double LeastPush = 0.05;
    const int MostReasons = 5;

    readonly FeatureReading[] _readings;
    readonly UsualVector _usual;

    public Picture(FeatureReading[] readings, UsualVector usual)
    {
        (_readings, _usual) = (readings, usual);
        var (active, present) = (0.0, 0.0);
        for (var j = 0; j < readings.Length; j++)
        {
            if (!usual.IsActive[j])
                continue;
            active += Weight(j);
            if (readings[j].Value is not null)
                present += Weight(j);
        }

        Coverage = active == 0 ? 0 : present / active;
    }

    /// <summary>Share of the active features' absolute weight that is there.</summary>
    public double Coverage { get; }

    /// <summary>The active features.</summary>
    public IEnumerable<FeatureTerm> Terms()
    {
        for (var j = 0; j < _readings.Length; j++)
            if (_usual.IsActive[j])
                yield return Term(j);
    }

    /// <summary>Every feature for the ledger: weight and push are 0 for those not active.</summary>
    public FeatureUse[] Uses()
    {
        var uses = new FeatureUse[_readings.Length];
        for (var j = 0; j < uses.Length; j++)
        {
            var term = _usual.IsActive[j] ? Term(j) : default;
            uses[j] = new FeatureUse(FeatureTable.All[j].Name, _readings[j].Value, term.Weight, term.Push);
        }

        return uses;
    }

    /// <summary>
    /// The reason behind most of the missing weight; of the active features, else of all that are kept.
    /// </summary>
    public string Gap()
    {
        var gaps = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var hasActive = _usual.IsActive.Contains(true);
        for (var j = 0; j < _readings.Length; j++)
            if ((_usual.IsActive[j] || !hasActive) && _readings[j] is { IsKept: true, Gap: { } gap })
                gaps[gap] = gaps.GetValueOrDefault(gap) + Weight(j);
        return gaps.Count == 0 ? "learning_baseline" : gaps.MaxBy(g => g.Value).Key;
    }

    /// <summary>
    /// The strongest pushes in the wearer's own numbers, one a measure, largest first. An exposure is a
    /// reason only when it happened. If none is strong, the strongest alone: a raised chance is never
    /// without a fact.
    /// </summary>
    public Reason[] Reasons()
    {
        List<Reason> reasons = [];
        var order = Enumerable.Range(0, _readings.Length)
            .Where(j => _usual.IsActive[j] && _readings[j].Value is not null && Term(j).Push != 0)
            .Where(j => !FeatureTable.All[j].IsExposure || _readings[j].Value == 1)
            .OrderByDescending(j => Math.Abs(Term(j).Push))
            .ThenBy(j => FeatureTable.All[j].Name, StringComparer.Ordinal);
        foreach (var j in order)
        {
            var (spec, reading, push) = (FeatureTable.All[j], _readings[j], Term(j).Push);
            if (reasons.Count == MostReasons || (reasons.Count > 0 && Math.Abs(push) < LeastPush))
                break;
            if (!reasons.Exists(r => r.Measure == spec.Measure))
                reasons.Add(new Reason(
                    spec.Name, spec.Measure, reading.Now, reading.Usual, reading.Unit, push));
        }

        return [.. reasons];
    }

    FeatureTerm Term(int j) => new(_readings[j].Value, FeatureTable.All[j].Weight, _usual.Means[j]);

    static double Weight(int j) => Math.Abs(FeatureTable.All[j].Weight);
}
