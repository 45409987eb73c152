using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>
/// Puts provisional sleeps together from a device's live events: from each start to its stop. The result is a
/// function of the set of events, not of their order.
/// </summary>
/// <remarks>
/// A stage lasts until the next event, at most <see cref="StageMax"/>; a pause ends it and what follows is
/// unknown until the next stage. A sleep without a stop ends that long after its last event, at the next
/// start if that comes sooner, and in any case after 24 hours. Events outside a sleep mean nothing.
/// </remarks>
public static class SleepEventFold
{
    /// <summary>The longest stage that a live event may stand for (formats 2.3).</summary>
    public static Duration StageMax { get; } = Duration.FromMinutes(90);

    /// <summary>The longest sleep: an event later than this after its start does not belong to it.</summary>
    public static Duration SleepMax { get; } = Duration.FromHours(24);

    /// <summary>The sleeps that the events of one device tell of, by start; never of length zero.</summary>
    public static IReadOnlyList<SleepEpisode> Fold(IEnumerable<SleepEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var sleeps = new List<SleepEpisode>();
        List<SleepEvent> open = [];
        foreach (var told in events.Distinct().OrderBy(static e => e.At)
            .ThenBy(static e => OrderOf(e.Kind)).ThenBy(static e => e.Stage).ThenBy(static e => e.Received))
        {
            var isOver = open.Count > 0
                && (told.Kind == SleepEventKind.Start || told.At - open[0].At > SleepMax);
            if (isOver)
            {
                AddTo(sleeps, open, told.Kind == SleepEventKind.Start ? told.At : null);
                open = [];
            }

            if (open.Count == 0 && told.Kind != SleepEventKind.Start)
                continue;
            open.Add(told);
            if (told.Kind != SleepEventKind.Stop)
                continue;
            AddTo(sleeps, open, null);
            open = [];
        }

        AddTo(sleeps, open, null);
        return sleeps;
    }

    /// <summary>Of one instant a stop comes first: what begins with it is another sleep.</summary>
    static int OrderOf(SleepEventKind kind) => kind switch
    {
        SleepEventKind.Stop => 0,
        SleepEventKind.Start => 1,
        SleepEventKind.Pause => 2,
        SleepEventKind.Resume => 3,
        _ => 4,
    };

    static void AddTo(List<SleepEpisode> sleeps, List<SleepEvent> events, Instant? nextStart)
    {
        if (events.Count == 0)
            return;
        var (first, last) = (events[0], events[^1]);
        var end = last.At;
        if (last.Kind != SleepEventKind.Stop)
            end = Instant.Min(
                Instant.Min(end + StageMax, first.At + SleepMax), nextStart ?? Instant.MaxValue);
        if (end <= first.At)
            return;
        sleeps.Add(new SleepEpisode
        {
            Device = first.Device,
            Id = $"live@{first.At.ToUnixTimeMilliseconds()}",
            Start = first.At,
            End = end,
            Received = events.Max(static e => e.Received),
            Provisional = true,
            Stages = StagesOf(events, end),
        });
    }

    static List<StageRun> StagesOf(List<SleepEvent> events, Instant end)
    {
        var runs = new List<StageRun>();
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i] is not { Kind: SleepEventKind.Stage, Stage: { } stage, At: var at })
                continue;
            var until = i + 1 < events.Count ? events[i + 1].At : end;
            var length = Duration.Min(until - at, StageMax);
            if (length > Duration.Zero)
                runs.Add(new StageRun(stage, at - events[0].At, length));
        }

        return runs;
    }
}
