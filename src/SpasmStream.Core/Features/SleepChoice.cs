using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>One stretch of sleep as the most trusted device recorded it.</summary>
/// <param name="Record">The record chosen.</param>
/// <param name="SaidMain">Whether any device called this stretch the main sleep.</param>
readonly record struct ChosenSleep(SleepEpisode Record, bool SaidMain)
{
    public Duration Length => Record.End - Record.Start;

    /// <summary>Whether it may be a main sleep: not called a nap.</summary>
    public bool IsCandidate => SaidMain || Record.Main != false;
}

/// <summary>
/// Chooses among records of several devices. One night by two devices is one night, never a sum.
/// </summary>
static class SleepChoice
{
    public static readonly Duration MainMin = Duration.FromHours(3);
    public static readonly Duration MainMax = Duration.FromHours(14);

    public static bool IsValidMain(Duration length) => length >= MainMin && length <= MainMax;

    /// <summary>
    /// Leaves out what live events gave wherever a complete record, of whatever device, overlaps it. Groups
    /// records that overlap and chooses one of each group: a record of valid length first (so that a fragment
    /// of a trusted device does not hide a whole night), then by device preference, main flag, length and
    /// device name. The stretches come in order of time.
    /// </summary>
    public static IReadOnlyList<ChosenSleep> Choose(
        IReadOnlyList<SleepEpisode> sleeps, IReadOnlyList<string> preferredDevices)
    {
        var chosen = new List<ChosenSleep>();
        var group = new List<SleepEpisode>();
        var groupEnd = Instant.MinValue;
        foreach (var sleep in sleeps.Where(sleep => !IsReplaced(sleep, sleeps))
            .OrderBy(static sleep => sleep.Start))
        {
            if (group.Count > 0 && sleep.Start >= groupEnd)
            {
                chosen.Add(Best(group, preferredDevices));
                group.Clear();
                groupEnd = Instant.MinValue;
            }
            group.Add(sleep);
            groupEnd = Instant.Max(groupEnd, sleep.End);
        }
        if (group.Count > 0)
            chosen.Add(Best(group, preferredDevices));
        return chosen;
    }

    /// <summary>
    /// The main sleep of a date: called so, else the longest not called a nap; null when there is none.
    /// </summary>
    public static ChosenSleep? MainOf(IEnumerable<ChosenSleep> sleepsOfDate) =>
        sleepsOfDate.Where(static sleep => sleep.IsCandidate)
            .OrderByDescending(static sleep => sleep.SaidMain)
            .ThenByDescending(static sleep => sleep.Length)
            .ThenBy(static sleep => sleep.Record.Start)
            .Select(static sleep => (ChosenSleep?)sleep)
            .FirstOrDefault();

    static bool IsReplaced(SleepEpisode sleep, IReadOnlyList<SleepEpisode> all) => sleep.Provisional
        && all.Any(other => !other.Provisional && other.Start < sleep.End && sleep.Start < other.End);

    static ChosenSleep Best(List<SleepEpisode> group, IReadOnlyList<string> preferredDevices)
    {
        var best = group
            .OrderByDescending(static sleep => IsValidMain(sleep.End - sleep.Start))
            .ThenBy(sleep => DevicePreference.IndexOf(preferredDevices, sleep.Device))
            .ThenByDescending(static sleep => sleep.Main == true)
            .ThenByDescending(static sleep => sleep.End - sleep.Start)
            .ThenBy(static sleep => sleep.Device, StringComparer.Ordinal)
            .ThenByDescending(static sleep => sleep.Revision)
            .ThenByDescending(static sleep => sleep.Received)
            .ThenBy(static sleep => sleep.Id, StringComparer.Ordinal)
            .First();
        return new ChosenSleep(best, group.Exists(static sleep => sleep.Main == true));
    }
}
