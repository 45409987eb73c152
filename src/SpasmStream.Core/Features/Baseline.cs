using NodaTime;

namespace SpasmStream.Core.Features;

/// <summary>A valid day outside attacks, as a reference for later days.</summary>
/// <param name="Date">The local date.</param>
/// <param name="IsFree">Whether it was a day off.</param>
/// <param name="Value">The measure, in its own unit; never NaN.</param>
public readonly record struct ReferenceDay(LocalDate Date, bool IsFree, double Value);

/// <summary>
/// What is usual for one wearer and one measure on one day, from the days before it (science 4.2).
/// </summary>
public sealed record Baseline
{
    const int WindowDays = 28;
    const int FallbackDays = 56;
    const int CountMin = 10;
    const double ScaleWeight = 10;
    const double ShiftWeight = 4;
    const double ZMax = 4;

    Baseline()
    {
    }

    /// <summary>The usual value once the day type is taken out.</summary>
    public required double Median { get; init; }

    /// <summary>The usual spread, drawn to the population's; above 0.</summary>
    public required double Scale { get; init; }

    /// <summary>What a working day adds.</summary>
    public required double WorkShift { get; init; }

    /// <summary>What a day off adds.</summary>
    public required double FreeShift { get; init; }

    /// <summary>Reference days behind it.</summary>
    public required int Count { get; init; }

    /// <summary>The baseline of a day; null when fewer than ten reference days are at hand.</summary>
    /// <param name="day">The day to be judged; it and later days are never used.</param>
    /// <param name="days">Valid days outside attacks in any order, one a date, 56 days back or more.</param>
    /// <param name="populationScale">One of <see cref="PopulationScale"/>; above 0.</param>
    public static Baseline? From(LocalDate day, IReadOnlyList<ReferenceDay> days, double populationScale)
    {
        ArgumentNullException.ThrowIfNull(days);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(populationScale);

        var wide = Within(days, day, FallbackDays);
        var reference = Within(wide, day, WindowDays);
        if (reference.Count < CountMin)
            reference = wide;
        if (reference.Count < CountMin)
            return null;

        var workShift = ShiftOf(wide, isFree: false);
        var freeShift = ShiftOf(wide, isFree: true);
        var values = new double[reference.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = reference[i].Value - (reference[i].IsFree ? freeShift : workShift);
        var median = Quantile.Median(values);
        return new Baseline
        {
            Median = median,
            Scale = ScaleOf(values, median, populationScale),
            WorkShift = workShift,
            FreeShift = freeShift,
            Count = values.Length,
        };
    }

    /// <summary>How unusual a value is for a day of its type, in [-4, 4].</summary>
    public double Z(double value, bool isFree) =>
        Math.Clamp((value - (isFree ? FreeShift : WorkShift) - Median) / Scale, -ZMax, ZMax);

    static List<ReferenceDay> Within(IReadOnlyList<ReferenceDay> days, LocalDate day, int back)
    {
        var first = day.PlusDays(-back);
        var within = new List<ReferenceDay>(days.Count);
        foreach (var reference in days)
            if (reference.Date >= first && reference.Date < day)
                within.Add(reference);
        return within;
    }

    /// <summary>The day type's own median against that of all days, held back while days are few.</summary>
    static double ShiftOf(List<ReferenceDay> days, bool isFree)
    {
        var all = new double[days.Count];
        var ofType = new List<double>(days.Count);
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = days[i].Value;
            if (days[i].IsFree == isFree)
                ofType.Add(days[i].Value);
        }
        if (ofType.Count == 0)
            return 0;
        var typical = Quantile.Median(ofType.ToArray());
        return ofType.Count / (ofType.Count + ShiftWeight) * (typical - Quantile.Median(all));
    }

    static double ScaleOf(double[] values, double median, double populationScale)
    {
        var deviations = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            deviations[i] = Math.Abs(values[i] - median);
        var own = 1.4826 * Quantile.Median(deviations);
        var drawn = Math.Sqrt(
            ((values.Length * own * own) + (ScaleWeight * populationScale * populationScale))
            / (values.Length + ScaleWeight));
        return Math.Max(drawn, 0.5 * populationScale);
    }
}
