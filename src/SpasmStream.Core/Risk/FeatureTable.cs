namespace SpasmStream.Core.Risk;

/// <summary>One feature of the engine.</summary>
/// <param name="Name">Its id in science 3.</param>
/// <param name="Measure">What was measured, for the reason's text.</param>
/// <param name="Weight">mu_j: published log-odds per unit (science 4.4); above 0 raises the forecast.</param>
/// <param name="Expected">What it is on an average day before the wearer's own days say so.</param>
/// <param name="IsExposure">Whether it is a yes or no.</param>
/// <param name="Read">Its value at an issue time.</param>
sealed record FeatureSpec(
    string Name, string Measure, double Weight, double Expected, bool IsExposure,
    Func<IssueContext, FeatureReading> Read);

/// <summary>
/// Every feature, in the order of the vectors. The expected values: for a standard normal z the mean of z
/// is 0, of its positive part 0.4, of |z| 0.8; exposures have the share of days of an ordinary diary.
/// </summary>
static class FeatureTable
{
    public static IReadOnlyList<FeatureSpec> All { get; } =
    [
        new("sleep_short", "tst", 0.06, 0.4, false, BodyFeatures.SleepShort),
        new("oversleep", "tst", 0.06, 0.1, false, BodyFeatures.Oversleep),
        new("sleep_dev", "tst", 0.06, 0.8, false, BodyFeatures.SleepDeviation),
        new("mid_shift", "mid", 0.06, 0.8, false, BodyFeatures.MidShift),
        new("waso1", "waso", 0.12, 0, false, BodyFeatures.WasoBefore),
        new("rhr_up", "rhr_night", 0.05, 0, false, BodyFeatures.RestingRate),
        new("steps_drop", "steps", 0.05, 0.4, false, BodyFeatures.StepsDrop),
        new("exert", "exertion", 0.05, 0.08, true, BodyFeatures.Exertion),
        new("stress", "stress", 0.12, 0, false, DiaryFeatures.Stress),
        new("letdown", "stress_drop", 0.25, 0.4, false, DiaryFeatures.LetDown),
        new("menses", "menses", 0.70, 3 / 28.0, true, DiaryFeatures.MensesFirst),
        new("menses_pre", "menses_pre", 0.50, 2 / 28.0, true, DiaryFeatures.MensesBefore),
        new("neck_spasm_24h", "neck_spasm", 0.35, 0.05, true, DiaryFeatures.NeckSpasm),
        new("alc5", "alcohol", 0.50, 0.03, true, DiaryFeatures.Alcohol),
        new("caff3", "caffeine", 0.15, 0.2, true, DiaryFeatures.Caffeine),
        new("caff_drop", "caffeine", 0.12, 0.3, false, DiaryFeatures.CaffeineDrop),
        new("fast_h", "fast", 0.30, 0.2, true, DiaryFeatures.Fasting),
        new("days_since", "days_since", 0, 2, false, DiaryFeatures.DaysSince),
    ];

    /// <summary>The place of each feature by its name.</summary>
    public static IReadOnlyDictionary<string, int> IndexOf { get; } =
        All.Select((spec, index) => (spec.Name, index)).ToDictionary(p => p.Name, p => p.index);
}
