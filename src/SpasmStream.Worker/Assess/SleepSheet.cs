using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>
/// One wearer's sleep: the records as they stand, what live events make of the stretches without one, and
/// every version received, which decides when the morning is.
/// </summary>
sealed class SleepSheet(WearerProfile profile)
{
    readonly Dictionary<(string Device, string Key), EditedEntry> _edited = [];
    readonly Dictionary<LocalDate, List<SleepEpisode>> _on = [];
    readonly SortedSet<LocalDate> _touched = [];

    // Live events of each device by time, what was made of them, and from when on that is out of date.
    readonly Dictionary<string, SortedDictionary<(Instant At, string Key), SleepEvent>> _events = [];
    readonly Dictionary<string, List<SleepEpisode>> _provisional = [];
    readonly Dictionary<string, Instant> _stale = [];

    // Received, learnt or not.
    readonly Dictionary<(string Device, string Id), List<SleepEpisode>> _versions = [];
    readonly Dictionary<(string Device, string Id), List<Withdrawal>> _withdrawals = [];
    readonly Dictionary<LocalDate, HashSet<(string Device, string Id)>> _ending = [];

    /// <summary>
    /// A version or a withdrawal that has been received; what is no complete sleep asks for no forecast.
    /// </summary>
    public void Hear(object value)
    {
        if (value is SleepEpisode sleep)
        {
            Slot(_versions, (sleep.Device, sleep.Id)).Add(sleep);
            var date = ActivityDay.NightOf(profile, sleep.End);
            if (!_ending.TryGetValue(date, out var ending))
                _ending[date] = ending = [];
            ending.Add((sleep.Device, sleep.Id));
        }
        else if (value is Withdrawal { Kind: "sleep" } withdrawal)
        {
            Slot(_withdrawals, (withdrawal.Device, withdrawal.Id)).Add(withdrawal);
        }
    }

    /// <summary>The forecasts that a date asks for by the nights that have been received.</summary>
    public IReadOnlyList<IssueTime> DueOn(LocalDate date)
    {
        var ending = _ending.GetValueOrDefault(date) ?? [];
        return IssueSchedule.DueOn(date, profile,
            [.. ending.SelectMany(id => _versions[id])],
            [.. ending.SelectMany(id => _withdrawals.GetValueOrDefault(id) ?? [])]);
    }

    /// <summary>Takes in a version of a sleep, a live event, or a withdrawal of either.</summary>
    public void Learn(StoredEntry entry, object value)
    {
        var key = (entry.Device, entry.Key);
        if (!_edited.TryGetValue(key, out var edited))
            _edited[key] = edited = new EditedEntry();
        var before = edited.Value;
        if (!edited.Learn(entry, value))
            return;
        if (before is SleepEpisode gone)
            Remove(gone);
        else if (before is SleepEvent undone)
            EventsOf(undone).Remove((undone.At, entry.Key));
        if (edited.Value is SleepEpisode sleep)
            Add(sleep);
        else if (edited.Value is SleepEvent told)
            EventsOf(told)[(told.At, entry.Key)] = told;
    }

    /// <summary>The dates whose summary may have changed since they were last asked for.</summary>
    public IReadOnlyCollection<LocalDate> TakeTouched()
    {
        foreach (var (device, from) in _stale)
            FoldEvents(device, from);
        _stale.Clear();
        LocalDate[] touched = [.. _touched];
        _touched.Clear();
        return touched;
    }

    /// <summary>The sleeps that end within two days of a date.</summary>
    public IReadOnlyList<SleepEpisode> Around(LocalDate date)
    {
        var sleeps = new List<SleepEpisode>();
        for (var d = date.PlusDays(-2); d <= date.PlusDays(2); d = d.PlusDays(1))
            sleeps.AddRange(_on.GetValueOrDefault(d) ?? []);
        return sleeps;
    }

    /// <summary>The events of the event's device, which are to be folded again.</summary>
    SortedDictionary<(Instant At, string Key), SleepEvent> EventsOf(SleepEvent told)
    {
        if (!_stale.TryGetValue(told.Device, out var from) || told.At < from)
            _stale[told.Device] = told.At;
        if (!_events.TryGetValue(told.Device, out var events))
            _events[told.Device] = events = [];
        return events;
    }

    /// <summary>
    /// No event reaches further than the longest sleep: a sleep that began earlier than that before the first
    /// change is over by then and stays as it is.
    /// </summary>
    void FoldEvents(string device, Instant changed)
    {
        var from = changed - SleepEventFold.SleepMax;
        var made = Slot(_provisional, device);
        foreach (var sleep in made)
            if (sleep.Start >= from)
                Remove(sleep);
        made.RemoveAll(sleep => sleep.Start >= from);
        foreach (var sleep in SleepEventFold.Fold(_events[device].Values.Where(told => told.At >= from)))
        {
            made.Add(sleep);
            Add(sleep);
        }
    }

    void Add(SleepEpisode sleep)
    {
        Slot(_on, ActivityDay.NightOf(profile, sleep.End)).Add(sleep);
        Touch(sleep);
    }

    void Remove(SleepEpisode sleep)
    {
        _on.GetValueOrDefault(ActivityDay.NightOf(profile, sleep.End))?.Remove(sleep);
        Touch(sleep);
    }

    void Touch(SleepEpisode sleep)
    {
        _touched.Add(ActivityDay.DateOf(profile, sleep.Start));
        _touched.Add(ActivityDay.DateOf(profile, sleep.End));
        _touched.Add(ActivityDay.NightOf(profile, sleep.End));
    }

    static List<T> Slot<TKey, T>(Dictionary<TKey, List<T>> slots, TKey key) where TKey : notnull =>
        slots.TryGetValue(key, out var slot) ? slot : slots[key] = [];
}
