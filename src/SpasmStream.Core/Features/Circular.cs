namespace SpasmStream.Core.Features;

/// <summary>Hours of a 24 h clock: every result lies in [0, 24), and 23:30 is near 00:30.</summary>
public static class Circular
{
    const double HoursPerDay = 24;

    /// <summary>The direction of the mean vector; null for no hours, or when they cancel out.</summary>
    public static double? Mean(IReadOnlyList<double> hours)
    {
        ArgumentNullException.ThrowIfNull(hours);
        double x = 0, y = 0;
        foreach (var hour in hours)
        {
            var (sin, cos) = Math.SinCos(hour * Math.Tau / HoursPerDay);
            x += cos;
            y += sin;
        }
        var cancelsOut = double.Hypot(x, y) <= 1e-9 * hours.Count;
        return cancelsOut ? null : Wrap(Math.Atan2(y, x) * HoursPerDay / Math.Tau);
    }

    /// <summary>
    /// The median of the clock cut open opposite the mean: exact for hours within 12 h of one another, and
    /// unmoved by a few that are not. Null when there is no mean.
    /// </summary>
    public static double? Median(IReadOnlyList<double> hours)
    {
        if (Mean(hours) is not { } mean)
            return null;
        var offsets = new double[hours.Count];
        for (var i = 0; i < offsets.Length; i++)
            offsets[i] = Difference(hours[i], mean);
        return Wrap(mean + Quantile.Median(offsets));
    }

    /// <summary>
    /// The short way from <paramref name="from"/> to <paramref name="to"/>, both hours of the clock, in
    /// [-12, 12) hours.
    /// </summary>
    public static double Difference(double to, double from) =>
        ((to - from + (1.5 * HoursPerDay)) % HoursPerDay) - (HoursPerDay / 2);

    /// <summary>The hour in [0, 24), of an hour of at most a day before the clock's zero.</summary>
    public static double Wrap(double hours) => (hours + HoursPerDay) % HoursPerDay;
}
