using SpasmStream.Core.Features;

namespace SpasmStream.Core.Risk;

/// <summary>
/// Features of last night and of yesterday's activity, in units of the wearer's own scale s (science
/// 3.3-3.6, 4.2).
/// </summary>
static class BodyFeatures
{
    const string NoNight = "no_night", NoWear = "wear", Learning = "learning_baseline";

    /// <summary><c>max(0, need - tst) / s</c>.</summary>
    public static FeatureReading SleepShort(IssueContext c) =>
        Sleep(c, (tst, _, scale) => c.Need is { } need ? Math.Max(0, need - tst) / scale : null);

    /// <summary><c>max(0, tst - need - 60 min) / s</c>.</summary>
    public static FeatureReading Oversleep(IssueContext c) =>
        Sleep(c, (tst, _, scale) => c.Need is { } need ? Math.Max(0, tst - need - 60) / scale : null);

    /// <summary><c>|z|</c> of the minutes asleep, days off compared with days off.</summary>
    public static FeatureReading SleepDeviation(IssueContext c) => Sleep(c, (_, z, _) => Math.Abs(z));

    /// <summary><c>|z|</c> of mid-sleep on the clock's circle.</summary>
    public static FeatureReading MidShift(IssueContext c)
    {
        if (c.Days[0] is not { Mid: { } mid } night)
            return FeatureReading.Missing(c.Days[0]?.NightGap ?? NoNight);
        if (c.Mid is not { } usual)
            return FeatureReading.Missing(Learning);
        var clock = Circular.Wrap(c.MidCentre + Typical(usual, night.IsFree));
        return FeatureReading.Of(Math.Abs(usual.Z(c.FromCentre(mid), night.IsFree)))
            with { Now = mid, Usual = clock, Unit = "h" };
    }

    /// <summary>z of the wake minutes of the night before last: the lag with evidence.</summary>
    public static FeatureReading WasoBefore(IssueContext c)
    {
        if (c.Days[1] is not { Waso: { } waso } night)
            return FeatureReading.Missing(c.Days[1]?.NightGap ?? NoNight);
        if (c.Waso is not { } usual)
            return FeatureReading.Missing(Learning);
        return FeatureReading.Of(usual.Z(waso, night.IsFree))
            with { Now = waso, Usual = Typical(usual, night.IsFree), Unit = "min" };
    }

    /// <summary>z of the nightly resting heart rate, signed.</summary>
    public static FeatureReading RestingRate(IssueContext c)
    {
        if (c.Days[0] is not { RhrNight: { } rate } night)
            return FeatureReading.Missing(c.Days[0]?.NightGap ?? c.Days[0]?.NightHeartRateGap ?? NoNight);
        if (c.Rhr is not { } usual)
            return FeatureReading.Missing(Learning);
        return FeatureReading.Of(usual.Z(rate, night.IsFree))
            with { Now = rate, Usual = Typical(usual, night.IsFree), Unit = "/min" };
    }

    /// <summary><c>max(0, -z)</c> of ln steps of the last complete day.</summary>
    public static FeatureReading StepsDrop(IssueContext c)
    {
        if (c.Days[1] is not { Steps: { } steps } day)
            return FeatureReading.Missing(c.Days[1]?.ActivityGap ?? NoWear);
        if (c.Steps is not { } usual)
            return FeatureReading.Missing(Learning);
        return FeatureReading.Of(Math.Max(0, -usual.Z(IssueContext.LnSteps(steps)!.Value, day.IsFree)))
            with { Now = steps, Usual = Math.Exp(Typical(usual, day.IsFree)) };
    }

    /// <summary>
    /// 1 if the load's z is 2 or more, or the vigorous minutes exceed twice their 28-day 90th percentile
    /// (and ten minutes, for wearers who usually have none).
    /// </summary>
    public static FeatureReading Exertion(IssueContext c)
    {
        var day = c.Days[1];
        if (day is not { Load: not null } and not { VigorousMinutes: not null })
            return FeatureReading.Missing(day?.ActivityGap ?? NoWear);
        var most = c.Days.Quantile(1, 28, 10, 0.9, d => d.VigorousMinutes);
        if ((day.Load is null || c.Load is null) && (day.VigorousMinutes is null || most is null))
            return FeatureReading.Missing(Learning);
        var loaded = day.Load is { } load && c.Load?.Z(load, day.IsFree) >= 2;
        var vigorous = day.VigorousMinutes is { } minutes
            && minutes > Math.Max(10, 2 * most ?? double.MaxValue);
        return FeatureReading.Of(loaded || vigorous);
    }

    static FeatureReading Sleep(IssueContext c, Func<double, double, double, double?> read)
    {
        if (c.Days[0] is not { Tst: { } tst } night)
            return FeatureReading.Missing(c.Days[0]?.NightGap ?? NoNight);
        if (c.Tst is not { } usual || read(tst, usual.Z(tst, night.IsFree), usual.Scale) is not { } value)
            return FeatureReading.Missing(Learning);
        return FeatureReading.Of(value)
            with { Now = tst, Usual = Typical(usual, night.IsFree), Unit = "min" };
    }

    static double Typical(Baseline usual, bool isFree) =>
        usual.Median + (isFree ? usual.FreeShift : usual.WorkShift);
}
