namespace SpasmStream.Core.Risk;

/// <summary>Where the bands begin (science 4.6).</summary>
public static class Bands
{
    /// <summary>The band of a chance relative to the usual one; unknown when it is null.</summary>
    public static Band Of(double? relativeRisk) => relativeRisk switch
    {
        null => Band.Unknown,
        >= 2.5 => Band.High,
        >= WindowFold.Raised => Band.Raised,
        >= 0.75 => Band.Usual,
        _ => Band.Lower,
    };
}
