namespace SpasmStream.Core.Risk;

/// <summary>Sample quantiles.</summary>
static class Quantiles
{
    /// <summary>
    /// The quantile by linear interpolation between order statistics; sorts the list it is given.
    /// </summary>
    public static double Of(List<double> values, double share)
    {
        values.Sort();
        var at = share * (values.Count - 1);
        var low = (int)at;
        var high = Math.Min(low + 1, values.Count - 1);
        return values[low] + (at - low) * (values[high] - values[low]);
    }
}
