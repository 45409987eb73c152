using NodaTime;
using SpasmStream.Core.Features;

namespace SpasmStream.Core.Risk;

/// <summary>
/// The wearer's logged cycles. A wearer who does not keep them has no such feature, rather than a gap.
/// </summary>
sealed class Menses
{
    const int LongestSilence = 45;

    readonly SortedSet<LocalDate> _starts = [];

    /// <summary>Takes in whether a day was the first of a menstruation.</summary>
    public void Observe(DaySummary day)
    {
        if (day.MensesStart)
            _starts.Add(day.Date);
        else
            _starts.Remove(day.Date);
    }

    /// <summary>
    /// Whether a date is day 1 to 3; null when no start was logged in the 45 days up to it.
    /// </summary>
    public bool? IsFirstDays(LocalDate date) =>
        LastStart(date) is { } start ? Period.DaysBetween(start, date) <= 2 : null;

    /// <summary>
    /// Whether a date is one of the two before the next start, expected from the median of at least three
    /// logged cycles of 21 to 38 days; null when it cannot be expected.
    /// </summary>
    public bool? IsBefore(LocalDate date)
    {
        if (LastStart(date) is not { } last)
            return null;
        List<int> lengths = [];
        LocalDate? earlier = null;
        foreach (var start in _starts)
        {
            if (start > date)
                break;
            if (earlier is { } previous
                && Period.DaysBetween(previous, start) is >= 21 and <= 38 and var length)
                lengths.Add(length);
            earlier = start;
        }

        if (lengths.Count < 3)
            return null;
        lengths.Sort();
        var half = lengths.Count / 2;
        var median = lengths.Count % 2 == 1 ? lengths[half] : (lengths[half - 1] + lengths[half] + 1) / 2;
        return Period.DaysBetween(date, last.PlusDays(median)) is 1 or 2;
    }

    LocalDate? LastStart(LocalDate date)
    {
        LocalDate? last = null;
        foreach (var start in _starts)
            if (start <= date)
                last = start;
        return last is { } found && Period.DaysBetween(found, date) <= LongestSilence ? found : null;
    }
}
