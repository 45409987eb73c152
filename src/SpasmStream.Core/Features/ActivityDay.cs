using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>
/// The day from 04:00 to 04:00 local (science 3.1, design 9.6). The days of a wearer follow one another
/// without gap or overlap: 23 or 25 hours at a clock change, longer or shorter when the wearer moves between
/// zones.
/// </summary>
public static class ActivityDay
{
    static readonly LocalTime DayStart = new(4, 0);

    /// <summary>
    /// The activity day of a date; empty for a date that the wearer's zone or journey skipped.
    /// </summary>
    public static Interval Of(WearerProfile profile, LocalDate date)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return new(StartOf(profile, date), StartOf(profile, date.PlusDays(1)));
    }

    /// <summary>The date whose activity day holds the instant.</summary>
    public static LocalDate DateOf(WearerProfile profile, Instant at)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var date = profile.LocalAt(at).PlusHours(-DayStart.Hour).Date;
        // Only near a clock change or a move is the clock's own answer off, and then by a day or two.
        while (at < StartOf(profile, date))
            date = date.PlusDays(-1);
        while (at >= StartOf(profile, date.PlusDays(1)))
            date = date.PlusDays(1);
        return date;
    }

    /// <summary>
    /// The date a sleep belongs to: the calendar's date at waking, so 01:30 is that date already.
    /// </summary>
    public static LocalDate NightOf(WearerProfile profile, Instant waking) => profile.LocalAt(waking).Date;

    /// <summary>
    /// The first instant at which the wearer's clock has reached 04:00 of the date. A move eastwards may jump
    /// over it, then the move itself is the start; a move westwards reaches it twice, then the first counts.
    /// </summary>
    static Instant StartOf(WearerProfile profile, LocalDate date)
    {
        var zones = profile.Zones;
        for (var i = 0; ; i++)
        {
            var start = zones[i].Zone.AtLeniently(date + DayStart).ToInstant();
            if (i + 1 < zones.Count && start >= zones[i + 1].From)
                continue;
            return i == 0 ? start : Instant.Max(start, zones[i].From);
        }
    }
}
