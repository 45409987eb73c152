using NodaTime;
using SpasmStream.Core.Features;

namespace SpasmStream.Core.Risk;

/// <summary>
/// Features of what the wearer logged (science 3.7, 3.9, 4.4): of yesterday for a morning forecast, of
/// today for an evening one. An exposure that was not logged is 0 only where something shows that it would
/// have been (ruling 7);
/// <see cref="Features.DaySummary"/> already holds its quantities to that.
/// </summary>
static class DiaryFeatures
{
    const string NoDiary = "no_diary", Learning = "learning_baseline";

    /// <summary>z of the evening's stress rating.</summary>
    public static FeatureReading Stress(IssueContext c)
    {
        if (c.Days[c.DiaryBack] is not { Stress: { } stress } day)
            return FeatureReading.Missing(NoDiary);
        if (c.Stress is not { } usual)
            return FeatureReading.Missing(Learning);
        var typical = usual.Median + (day.IsFree ? usual.FreeShift : usual.WorkShift);
        return FeatureReading.Of(usual.Z(stress, day.IsFree)) with { Now = stress, Usual = typical };
    }

    /// <summary><c>max(0, stress of the evening before - stress) / s</c>.</summary>
    public static FeatureReading LetDown(IssueContext c)
    {
        if (Drop(c, c.DiaryBack) is not { } drop)
            return FeatureReading.Missing(NoDiary);
        if (c.Stress is not { } usual)
            return FeatureReading.Missing(Learning);
        List<double> drops = [];
        for (var back = c.DiaryBack + 1; back <= c.DiaryBack + 28; back++)
            if (Drop(c, back) is { } earlier)
                drops.Add(earlier);
        return FeatureReading.Of(drop / usual.Scale)
            with { Now = drop, Usual = drops.Count == 0 ? null : Quantile.Median(drops.ToArray()) };
    }

    /// <summary>Five drinks or more.</summary>
    public static FeatureReading Alcohol(IssueContext c) =>
        c.Days[c.DiaryBack]?.Alcohol is { } drinks
            ? FeatureReading.Of(drinks >= 5) with { Now = drinks }
            : FeatureReading.Missing(NoDiary);

    /// <summary>Three servings of caffeine or more.</summary>
    public static FeatureReading Caffeine(IssueContext c) =>
        c.Days[c.DiaryBack]?.Caffeine is { } servings
            ? FeatureReading.Of(servings >= 3) with { Now = servings }
            : FeatureReading.Missing(NoDiary);

    /// <summary><c>max(0, median of 14 days - servings)</c>; asks for five known days.</summary>
    public static FeatureReading CaffeineDrop(IssueContext c)
    {
        if (c.Days[c.DiaryBack]?.Caffeine is not { } servings)
            return FeatureReading.Missing(NoDiary);
        if (c.Days.Quantile(c.DiaryBack, 14, 5, 0.5, d => d.Caffeine) is not { } usual)
            return FeatureReading.Missing(Learning);
        return FeatureReading.Of(Math.Max(0, usual - servings)) with { Now = servings, Usual = usual };
    }

    /// <summary>Five waking hours or more without a meal.</summary>
    public static FeatureReading Fasting(IssueContext c) =>
        c.Days[c.DiaryBack]?.FastHours is { } hours
            ? FeatureReading.Of(hours >= 5) with { Now = hours, Unit = "h" }
            : FeatureReading.Missing("no_meals");

    /// <summary>Day 1 to 3 of a menstruation.</summary>
    public static FeatureReading MensesFirst(IssueContext c) =>
        c.Menses.IsFirstDays(c.Issue.Date) is { } isFirst
            ? FeatureReading.Of(isFirst)
            : FeatureReading.Absent;

    /// <summary>The two days before the next menstruation is expected.</summary>
    public static FeatureReading MensesBefore(IssueContext c) =>
        c.Menses.IsBefore(c.Issue.Date) is { } isBefore
            ? FeatureReading.Of(isBefore)
            : FeatureReading.Absent;

    /// <summary>
    /// A spasm of neck or shoulder in (t - 24 h, t - 2 h]; later ones may belong to the attack. No spasm is
    /// a no when the wearer touched the diary in the 48 hours before.
    /// </summary>
    public static FeatureReading NeckSpasm(IssueContext c)
    {
        var at = c.Issue.At;
        if (c.Diary.HasNeckSpasm(at - Duration.FromHours(24), at - Duration.FromHours(2)))
            return FeatureReading.Of(true);
        return c.LastContact > at - Duration.FromHours(48)
            ? FeatureReading.Of(false)
            : FeatureReading.Missing(NoDiary);
    }

    /// <summary>
    /// <c>ln(1 + min(k, 28))</c>, k whole days since the last attack's end; 28 when there was none.
    /// </summary>
    public static FeatureReading DaysSince(IssueContext c)
    {
        var since = c.Diary.Attacks.LastEnd(c.Issue.At) is { } end ? (c.Issue.At - end).Days : 28;
        return FeatureReading.Of(Math.Log(1 + Math.Min(since, 28)));
    }

    static double? Drop(IssueContext c, int back) =>
        c.Days[back + 1]?.Stress is { } before && c.Days[back]?.Stress is { } after
            ? Math.Max(0, before - after)
            : null;
}
