using NodaTime;

namespace SpasmStream.Core.Features;

/// <summary>One valid, unmasked day a baseline may rest on.</summary>
/// <param name="Date">The local date.</param>
/// <param name="IsFree">Whether it was a day off.</param>
/// <param name="Value">What was measured.</param>
public readonly record struct ReferenceDay(LocalDate Date, bool IsFree, double Value);

/// <summary>What is usual for one wearer and one measure (science 4.2).</summary>
public sealed record Baseline
{
    /// <summary>Median of the reference values with their day-type shift taken out.</summary>
    public required double Median { get; init; }

    /// <summary>Shrunken robust scale.</summary>
    public required double Scale { get; init; }

    /// <summary>What a working day adds.</summary>
    public double WorkShift { get; init; }

    /// <summary>What a day off adds.</summary>
    public double FreeShift { get; init; }

    /// <summary>Reference days used.</summary>
    public int Count { get; init; }

    /// <summary>The baseline for <paramref name="day"/>; null with fewer than 10 reference days.</summary>
    public static Baseline? From(LocalDate day, IReadOnlyList<ReferenceDay> days, double populationScale)
    {
        var wide = days.Where(r => r.Date < day && r.Date >= day.PlusDays(-56)).ToArray();
        var near = wide.Where(r => r.Date >= day.PlusDays(-28)).ToArray();
        var used = near.Length >= 10 ? near : wide;
        if (used.Length < 10)
            return null;
        var middle = Mid([.. wide.Select(r => r.Value)]);
        var work = Shift([.. wide.Where(r => !r.IsFree).Select(r => r.Value)], middle);
        var free = Shift([.. wide.Where(r => r.IsFree).Select(r => r.Value)], middle);
        double[] level = [.. used.Select(r => r.Value - (r.IsFree ? free : work))];
        var median = Mid([.. level]);
        var mad = 1.4826 * Mid([.. level.Select(x => Math.Abs(x - median))]);
        var n = used.Length;
        var variance = (n * mad * mad + 10 * populationScale * populationScale) / (n + 10);
        return new Baseline
        {
            Median = median,
            Scale = Math.Max(Math.Sqrt(variance), 0.5 * populationScale),
            WorkShift = work,
            FreeShift = free,
            Count = n,
        };
    }

    /// <summary>The standardised value, within -4 and 4.</summary>
    public double Z(double value, bool isFree) =>
        Math.Clamp((value - (isFree ? FreeShift : WorkShift) - Median) / Scale, -4, 4);

    static double Shift(double[] values, double middle) =>
        values.Length == 0 ? 0 : values.Length / (values.Length + 4.0) * (Mid(values) - middle);

    static double Mid(double[] values)
    {
        Array.Sort(values);
        var half = values.Length / 2;
        return values.Length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }
}
