namespace SpasmStream.Core.Features;

/// <summary>Order statistics by one convention: linear interpolation between neighbouring values.</summary>
static class Quantile
{
    /// <summary>The median; sorts <paramref name="values"/> in place, which must not be empty.</summary>
    public static double Median(Span<double> values) => Of(values, 0.5);

    /// <summary>
    /// The value at a share of the values; sorts <paramref name="values"/> in place, which must not be empty.
    /// </summary>
    public static double Of(Span<double> values, double share)
    {
        values.Sort();
        return OfSorted(values, share);
    }

    /// <summary>
    /// The value at rank (n - 1) * <paramref name="share"/> of ascending values, interpolated.
    /// </summary>
    public static double OfSorted(ReadOnlySpan<double> sorted, double share)
    {
        var rank = (sorted.Length - 1) * share;
        var below = (int)rank;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((rank - below) * (sorted[above] - sorted[below]));
    }
}
