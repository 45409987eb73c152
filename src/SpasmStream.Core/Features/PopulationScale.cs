namespace SpasmStream.Core.Features;

/// <summary>
/// How far a measure usually wanders from day to day within one wearer (s_pop of science 4.2).
/// </summary>
public static class PopulationScale
{
    /// <summary>Time asleep, minutes.</summary>
    public const double Tst = 65;

    /// <summary>Wake after sleep onset, minutes.</summary>
    public const double Waso = 18;

    /// <summary>Mid-sleep, hours.</summary>
    public const double Mid = 0.7;

    /// <summary>Nightly resting heart rate, beats per minute.</summary>
    public const double RhrNight = 2.5;

    /// <summary>Natural logarithm of the day's steps.</summary>
    public const double LnSteps = 0.35;

    /// <summary>
    /// The day's load. Ours: a quiet day sums to about 100 TRIMP, half an hour of exercise adds about 40, so
    /// days differ by about 30.
    /// </summary>
    public const double Load = 30;

    /// <summary>Stress rating, points of 10.</summary>
    public const double Stress = 1.8;
}
