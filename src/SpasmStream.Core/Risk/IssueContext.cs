using NodaTime;
using SpasmStream.Core.Features;

namespace SpasmStream.Core.Risk;

/// <summary>What the features of one issue time are read from: the days, the diary, what is usual.</summary>
sealed class IssueContext
{
    public IssueContext(IssueTime issue, PastDays days, DiaryLog diary, Menses menses, Instant? lastContact)
    {
        (Issue, Days, Diary, Menses, LastContact) = (issue, days, diary, menses, lastContact);
        DiaryBack = issue.Kind == ForecastKind.Evening ? 0 : 1;
        Tst = days.Usual(0, PopulationScale.Tst, d => d.Tst);
        Rhr = days.Usual(0, PopulationScale.RhrNight, d => d.RhrNight);
        Waso = days.Usual(1, PopulationScale.Waso, d => d.Waso);
        Steps = days.Usual(1, PopulationScale.LnSteps, d => LnSteps(d.Steps));
        Load = days.Usual(1, PopulationScale.Load, d => d.Load);
        Stress = days.Usual(DiaryBack, PopulationScale.Stress, d => d.Stress);
        MidCentre = Circular.Mean([.. days.Before(0, 56, d => d.Mid).Select(r => r.Value)]) ?? 0;
        Mid = days.Usual(0, PopulationScale.Mid, d => d.Mid is { } mid ? FromCentre(mid) : null);
    }

    public IssueTime Issue { get; }

    public PastDays Days { get; }

    public DiaryLog Diary { get; }

    public Menses Menses { get; }

    /// <summary>The newest contact with the diary.</summary>
    public Instant? LastContact { get; }

    /// <summary>The newest diary day: today in the evening, else yesterday.</summary>
    public int DiaryBack { get; }

    public Baseline? Tst { get; }

    public Baseline? Rhr { get; }

    public Baseline? Waso { get; }

    /// <summary>Of the natural logarithm of the steps.</summary>
    public Baseline? Steps { get; }

    public Baseline? Load { get; }

    public Baseline? Stress { get; }

    /// <summary>Of hours from <see cref="MidCentre"/>, so that midnight is no edge.</summary>
    public Baseline? Mid { get; }

    /// <summary>Circular mean of mid-sleep, local clock hours.</summary>
    public double MidCentre { get; }

    /// <summary>
    /// Sleep need in minutes: 28-day median of the nights before days off, of all nights with fewer than
    /// three such, within 6.5 and 9.5 h (science 3.3).
    /// </summary>
    public double? Need =>
        (Days.Quantile(0, 28, 3, 0.5, d => d.IsFree ? d.Tst : null)
            ?? Days.Quantile(0, 28, 3, 0.5, d => d.Tst))
            is { } need
            ? Math.Clamp(need, 390, 570)
            : null;

    /// <summary>Hours from the usual middle of sleep, in [-12, 12).</summary>
    public double FromCentre(double mid) => Circular.Difference(mid, MidCentre);

    public static double? LnSteps(double? steps) => steps is { } count ? Math.Log(Math.Max(1, count)) : null;
}
