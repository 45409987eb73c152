using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>The longest awake stretch without a meal (science 3.7, fast_h).</summary>
static class Fasting
{
    const double SkippedMealHours = 6;

    /// <summary>
    /// Hours of the longest gap between meals of the day, from waking to the first and, once the next sleep
    /// is known and has begun, from the last to that sleep. A gap never spans a sleep that could be a night;
    /// a nap does not end it. A skipped meal means six hours at least. Null when neither was logged, or when
    /// a single meal has no known neighbour.
    /// </summary>
    public static double? HoursOf(
        Interval day, Instant knownAt, IReadOnlyList<Trigger> triggers, IReadOnlyList<ChosenSleep> chosen,
        SleepEpisode? main)
    {
        var sleeps = SleepsAround(day, chosen, main);
        var meals = InstantsOf("meal", triggers);
        double? longest = InstantsOf("skipped_meal", triggers).Count > 0 ? SkippedMealHours : null;
        for (var i = 0; i < meals.Count; i++)
        {
            var waking = sleeps.Where(sleep => sleep.End <= meals[i])
                .Max(static sleep => (Instant?)sleep.End);
            var since = i > 0 && !(waking > meals[i - 1]) ? meals[i - 1] : waking;
            if (since is { } start)
                longest = Math.Max(longest ?? 0, (meals[i] - start).TotalHours);

            var bedtime = sleeps.Where(sleep => sleep.Start >= meals[i])
                .Min(static sleep => (Instant?)sleep.Start);
            var isLast = i + 1 == meals.Count || bedtime <= meals[i + 1];
            if (isLast && bedtime is { } end && end <= knownAt)
                longest = Math.Max(longest ?? 0, (end - meals[i]).TotalHours);
        }
        return longest;
    }

    /// <summary>The night before and every later long sleep that touches the day.</summary>
    static List<SleepEpisode> SleepsAround(
        Interval day, IReadOnlyList<ChosenSleep> chosen, SleepEpisode? main) =>
    [
        .. chosen
            .Where(sleep => ReferenceEquals(sleep.Record, main)
                || (sleep.IsCandidate && sleep.Length >= SleepChoice.MainMin
                    && sleep.Record.End > day.Start && sleep.Record.Start < day.End))
            .Select(static sleep => sleep.Record),
    ];

    /// <summary>When something was logged, in order of time; an explicit no is not it.</summary>
    static List<Instant> InstantsOf(string type, IReadOnlyList<Trigger> triggers) =>
    [
        .. triggers.Where(trigger => trigger.Type == type && trigger.Quantity != 0)
            .Select(static trigger => trigger.At),
    ];
}
