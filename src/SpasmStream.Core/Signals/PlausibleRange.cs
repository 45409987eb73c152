namespace SpasmStream.Core.Signals;

/// <summary>
/// The one table of limits: what is a gap, what is impossible, what is kept but not believed.
/// </summary>
/// <param name="PossibleMin">Below this a value is refused.</param>
/// <param name="PossibleMax">Above this a value is refused.</param>
/// <param name="PlausibleMin">
/// Below this a value is kept and flagged <see cref="SampleFlags.Implausible"/>.
/// </param>
/// <param name="PlausibleMax">Above this a value is kept and flagged.</param>
/// <param name="UsableMin">Below this features do not use it.</param>
/// <param name="UsableMax">Above this features do not use it.</param>
/// <param name="Gaps">Sentinels that devices send for "no reading".</param>
public sealed record PlausibleRange(
    double PossibleMin, double PossibleMax, double PlausibleMin, double PlausibleMax,
    double UsableMin, double UsableMax, params double[] Gaps)
{
    static readonly PlausibleRange HeartRate = new(10, 400, 25, 250, 30, 220, 0, -1, -2, 255);
    static readonly PlausibleRange StepsPerMinute = new(0, double.MaxValue, 0, 300, 0, 300);
    static readonly PlausibleRange Count = new(0, 1e9, 0, 1e9, 0, 1e9);
    static readonly PlausibleRange Any = new(
        double.MinValue, double.MaxValue, double.MinValue, double.MaxValue, double.MinValue, double.MaxValue);
    static readonly PlausibleRange RrInterval = new(double.Epsilon, 5_000, 250, 2_500, 300, 2_000);
    static readonly PlausibleRange Hrv = new(0, 2_000, 1, 300, 1, 300, 0);

    /// <summary>The limits of a signal; for steps they hold for the rate per minute.</summary>
    public static PlausibleRange Of(Signal signal) => signal switch
    {
        Signal.HeartRate => HeartRate,
        Signal.Steps => StepsPerMinute,
        Signal.StepCounter or Signal.HrvBeats => Count,
        Signal.StepCounterSince => Any,
        Signal.RrInterval => RrInterval,
        Signal.HrvRmssd or Signal.HrvSdnn => Hrv,
        _ => throw new ArgumentOutOfRangeException(
            nameof(signal), signal, "No limits are tabled for this signal."),
    };

    /// <summary>Whether the value is a device's way of saying "no reading".</summary>
    public bool IsGap(double value) => Gaps.Contains(value);

    /// <summary>Whether the value can exist at all.</summary>
    public bool IsPossible(double value) => value >= PossibleMin && value <= PossibleMax;

    /// <summary>Whether the value is believed.</summary>
    public bool IsPlausible(double value) => value >= PlausibleMin && value <= PlausibleMax;

    /// <summary>Whether features may use the value.</summary>
    public bool IsUsable(double value) => value >= UsableMin && value <= UsableMax;
}
