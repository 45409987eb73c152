using NodaTime;
using SpasmStream.Core.Features;

namespace SpasmStream.Core.Risk;

/// <summary>
/// The day of an issue time and the days before it, counted backwards, with those inside attacks marked.
/// </summary>
sealed class PastDays
{
    /// <summary>
    /// 56 days of reference before the day before the issue, and one to spare for differences.
    /// </summary>
    const int Reach = 59;

    readonly DaySummary?[] _days = new DaySummary?[Reach];
    readonly bool[] _masked = new bool[Reach];

    public PastDays(LocalDate date, Dictionary<LocalDate, DaySummary> known, AttackHistory attacks)
    {
        Date = date;
        for (var back = 0; back < Reach; back++)
            if (known.TryGetValue(date.PlusDays(-back), out var day))
                (_days[back], _masked[back]) = (day, attacks.Masks(day));
    }

    /// <summary>The date counted back from.</summary>
    public LocalDate Date { get; }

    /// <summary>The summary of so many days before, as known now; null when there is none.</summary>
    public DaySummary? this[int back] => _days[back];

    /// <summary>
    /// The values of the days before a day, oldest first, those inside and just after attacks left out.
    /// </summary>
    public List<ReferenceDay> Before(int back, int days, Func<DaySummary, double?> measure)
    {
        List<ReferenceDay> found = [];
        for (var i = Math.Min(back + days, Reach - 1); i > back; i--)
            if (_days[i] is { } day && !_masked[i] && measure(day) is { } value)
                found.Add(new ReferenceDay(day.Date, day.IsFree, value));
        return found;
    }

    /// <summary>What was usual before a day; null with too few days.</summary>
    public Baseline? Usual(int back, double populationScale, Func<DaySummary, double?> measure) =>
        Baseline.From(Date.PlusDays(-back), Before(back, 56, measure), populationScale);

    /// <summary>
    /// Quantile of the values before a day by linear interpolation; null with fewer than asked for.
    /// </summary>
    public double? Quantile(int back, int days, int atLeast, double share, Func<DaySummary, double?> measure)
    {
        var values = Before(back, days, measure).Select(r => r.Value).ToArray();
        return values.Length < atLeast ? null : Features.Quantile.Of(values, share);
    }
}
