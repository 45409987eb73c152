namespace SpasmStream.Core.Risk;

/// <summary>One feature at one issue time, or why it is missing.</summary>
/// <param name="Value">f_j, at most 4 either way; 0 or 1 for an exposure; null when missing.</param>
/// <param name="Gap">Why it is missing, as one word; null when it is there.</param>
readonly record struct FeatureReading(double? Value, string? Gap)
{
    /// <summary>
    /// The reason of a feature the wearer does not keep at all: no gap, the model goes without it.
    /// </summary>
    const string NotKept = "not_kept";

    /// <summary>The wearer's own number behind it, in <see cref="Unit"/>.</summary>
    public double? Now { get; init; }

    /// <summary>The wearer's usual number.</summary>
    public double? Usual { get; init; }

    /// <summary>UCUM unit of both numbers.</summary>
    public string Unit { get; init; } = "1";

    /// <summary>Whether the wearer keeps what it rests on.</summary>
    public bool IsKept => Gap != NotKept;

    /// <summary>A value, clipped to 4 either way (science 9).</summary>
    public static FeatureReading Of(double value) => new(Math.Clamp(value, -4, 4), null);

    /// <summary>An exposure: 1 for yes, 0 for an explicit or implied no.</summary>
    public static FeatureReading Of(bool exposed) => new(exposed ? 1 : 0, null);

    /// <summary>Missing, with the reason.</summary>
    public static FeatureReading Missing(string gap) => new(null, gap);

    /// <summary>Not part of this wearer's model.</summary>
    public static FeatureReading Absent => new(null, NotKept);
}
