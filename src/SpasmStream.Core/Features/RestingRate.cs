namespace SpasmStream.Core.Features;

/// <summary>The resting heart rate of a stretch of minutes (science 3.4, rhr_night).</summary>
static class RestingRate
{
    const int WindowMinutes = 5;
    const int WindowValuesMin = 3;
    const double Share = 0.05;

    /// <summary>
    /// The 5th percentile of the medians of five consecutive minutes, interpolated linearly between order
    /// statistics. A window lies wholly inside and needs three minutes with heart rate; null without one.
    /// </summary>
    public static double? Of(ReadOnlySpan<MinuteCell> minutes)
    {
        Span<double> window = stackalloc double[WindowMinutes];
        var medians = new List<double>(minutes.Length);
        for (var first = 0; first + WindowMinutes <= minutes.Length; first++)
        {
            var count = 0;
            foreach (var cell in minutes.Slice(first, WindowMinutes))
                if (cell.HeartRate is { } heartRate)
                    window[count++] = heartRate;
            if (count >= WindowValuesMin)
                medians.Add(Quantile.Median(window[..count]));
        }
        if (medians.Count == 0)
            return null;
        medians.Sort();
        return Quantile.OfSorted(medians.ToArray(), Share);
    }

    /// <summary>Minutes with heart rate.</summary>
    public static int CountOf(ReadOnlySpan<MinuteCell> minutes)
    {
        var count = 0;
        foreach (var cell in minutes)
            count += cell.HeartRate is null ? 0 : 1;
        return count;
    }
}
