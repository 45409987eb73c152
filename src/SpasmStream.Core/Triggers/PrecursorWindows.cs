using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Triggers;

/// <summary>A logged onset and a risk window that was there before it.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Onset">Its onset.</param>
/// <param name="WindowStart">The window's start, before the onset.</param>
/// <param name="Lead">How long before.</param>
public sealed record Preceded(string EpisodeId, Instant Onset, Instant WindowStart, Duration Lead);

/// <summary>
/// Marks the risk windows that preceded logged onsets (science 5.1): those that began before the onset and
/// were still open at it, or began within 24 hours before it.
/// </summary>
/// <remarks>
/// An onset is the start of an attack: an episode less than 24 hours after the last one continues it. A
/// day-only onset has no hour and is left out.
/// </remarks>
public static class PrecursorWindows
{
    static readonly Duration _horizon = Duration.FromHours(24);

    /// <summary>Only exact onsets are merged, and they need no zone.</summary>
    static readonly WearerProfile _anywhere =
        new() { Zones = [new ZoneStay(Instant.MinValue, DateTimeZone.Utc)] };

    /// <summary>Every pair of an onset and a window that preceded it, by onset, then window.</summary>
    public static IReadOnlyList<Preceded> Mark(
        IReadOnlyList<RiskWindow> windows, IReadOnlyList<Episode> episodes)
    {
        List<Preceded> marks = [];
        foreach (var target in windows.Select(w => w.Target).Distinct())
            foreach (var attack in Onsets(episodes, target))
                foreach (var window in windows)
                    if (window.Target == target && Precedes(window, attack.Start))
                        marks.Add(new Preceded(
                            attack.Id, attack.Start, window.Start, attack.Start - window.Start));
        return [.. marks.OrderBy(m => m.Onset).ThenBy(m => m.EpisodeId, StringComparer.Ordinal)
            .ThenBy(m => m.WindowStart)];
    }

    /// <summary>The shares both ways for one target over the time a record covers.</summary>
    /// <param name="windows">Windows; those of other targets or outside the record are left out.</param>
    /// <param name="episodes">The newest version of each episode.</param>
    /// <param name="record">From the first issue time on to the end of what is known; with both ends.</param>
    /// <param name="target"><c>migraine</c> or <c>spasm</c>.</param>
    public static PrecursorSummary Summarise(
        IReadOnlyList<RiskWindow> windows, IReadOnlyList<Episode> episodes, Interval record, string target)
    {
        var own = windows.Where(w => w.Target == target && record.Contains(w.Start)).ToList();
        var onsets = Onsets(episodes, target).Where(a => record.Contains(a.Start)).ToList();
        return new PrecursorSummary(
            onsets.Count,
            onsets.Count(onset => own.Exists(w => Precedes(w, onset.Start))),
            own.Count,
            own.Count(w => onsets.Exists(onset => Precedes(w, onset.Start))),
            Covered(own, record) / record.Duration);
    }

    static bool Precedes(RiskWindow window, Instant onset) => window.Start < onset && window.Precedes(onset);

    static IEnumerable<Attack> Onsets(IReadOnlyList<Episode> episodes, string target)
    {
        var kept = episodes.Where(e => e.Start is not null && e.Onset != OnsetCertainty.DayOnly
            && (target == "spasm" ? e.Type == EpisodeType.Spasm : AttackHistory.IsAttack(e.Type)));
        return AttackHistory.Merge(kept, _anywhere).Attacks;
    }

    static Duration Covered(IReadOnlyList<RiskWindow> windows, Interval record)
    {
        var (covered, until) = (Duration.Zero, record.Start);
        foreach (var window in windows.OrderBy(w => w.Start))
        {
            var end = window.End is { } closed ? Instant.Max(closed, window.Start + _horizon) : record.End;
            var (from, to) = (Instant.Max(window.Start, until), Instant.Min(end, record.End));
            if (to <= from)
                continue;
            covered += to - from;
            until = to;
        }

        return covered;
    }
}
