using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>What a fold brought up to date.</summary>
/// <param name="Folded">Hours folded again, changed or not.</param>
/// <param name="Hours">Hours that came out different.</param>
/// <param name="Days">Days that came out different.</param>
/// <param name="NewestReceipt">The newest receipt among the samples used; null when there were none.</param>
sealed record FoldResult(
    IReadOnlyList<ChangedHour> Folded, IReadOnlyList<HourSummary> Hours, IReadOnlyList<DaySummary> Days,
    Instant? NewestReceipt);

/// <summary>
/// One wearer's sleep and diary as they stand, and the summaries made of them and of the samples: folds again
/// just the hours and days that something new has touched.
/// </summary>
sealed class DaySheet(WearerId wearer, WearerProfile profile, IHistory history)
{
    readonly SleepSheet _sleep = new(profile);
    readonly Dictionary<(string Kind, string Key), EditedEntry> _diary = [];
    readonly Dictionary<LocalDate, List<DiaryEntry>> _diaryOn = [];
    readonly Dictionary<LocalDate, DaySummary> _days = [];
    readonly SortedSet<LocalDate> _touched = [];

    /// <summary>A day as it was stored.</summary>
    public void Remember(DaySummary day) => _days[day.Date] = day;

    /// <summary>
    /// A sleep record, or its withdrawal, that has been received, learnt yet or not: it decides when the
    /// morning is.
    /// </summary>
    public void HearOfNight(object value) => _sleep.Hear(value);

    /// <summary>The forecasts that a date asks for by the nights that have been received.</summary>
    public IReadOnlyList<IssueTime> DueOn(LocalDate date) => _sleep.DueOn(date);

    /// <summary>Takes in a version of a sleep or diary object, or its withdrawal.</summary>
    public void Learn(StoredEntry entry, object value)
    {
        if (entry.Kind == "sleep")
            _sleep.Learn(entry, value);
        // Bouts of activity are kept and read back, and nothing is made of them here yet: load is folded from
        // heart rate, and steps from step samples.
        else if (entry.Kind != "activity")
            LearnDiary(entry, value);
    }

    /// <summary>Forgets what was touched: after a restart the stored days hold it already.</summary>
    public void Settle()
    {
        _sleep.TakeTouched();
        _touched.Clear();
    }

    /// <summary>
    /// Folds what changed by the receipts in (after, until], as of <paramref name="until"/>.
    /// </summary>
    public FoldResult Fold(Instant after, Instant until)
    {
        _touched.UnionWith(_sleep.TakeTouched());
        var changed = history.ChangedHours(wearer, after, until);
        var hours = new List<HourSummary>();
        Instant? newest = null;
        if (changed.Count > 0)
            newest = FoldHours([.. changed.Select(hour => hour.Start)], until, hours);
        foreach (var hour in hours)
        {
            var date = ActivityDay.DateOf(profile, hour.Start);
            _touched.Add(date);
            _touched.Add(date.PlusDays(1));
        }

        var days = new List<DaySummary>();
        // An evening belongs to the coming night as well, but a day that has not begun has no summary.
        var today = profile.LocalAt(until).Date;
        foreach (var date in _touched)
            if (date <= today && Summarise(date, until, hours) is { } day)
                days.Add(day);
        _touched.Clear();
        return new FoldResult(changed, hours, days, newest);
    }

    Instant? FoldHours(IReadOnlyList<Instant> changed, Instant until, List<HourSummary> different)
    {
        var buckets = changed.ToDictionary(hour => hour, _ => new List<Sample>());
        Instant? newest = null;
        foreach (var (from, to) in Runs(changed))
            foreach (var sample in history.Samples(wearer, from, to, until))
            {
                newest = newest > sample.Received ? newest : sample.Received;
                if (sample.Duration > HourFold.StepsMax)
                    continue;
                var (first, last) = HourFold.HoursTouched(sample.Series.Signal,
                    sample.Start.ToUnixTimeMilliseconds(), (long)sample.Duration.TotalMilliseconds);
                for (var hour = first; hour <= last; hour++)
                    if (buckets.TryGetValue(Instant.FromUnixTimeSeconds(hour * 3600), out var bucket))
                        bucket.Add(sample);
            }

        foreach (var hour in changed)
        {
            var folded = HourFold.Fold(hour, until, buckets[hour], profile.PreferredDevices);
            var before = history.Hours(wearer, hour, hour + Duration.FromHours(1), until);
            if (before.Count == 0 || !before[0].Minutes.SequenceEqual(folded.Minutes))
                different.Add(folded);
        }

        return newest;
    }

    DaySummary? Summarise(LocalDate date, Instant until, List<HourSummary> fresh)
    {
        var reach = DayFold.Reach(profile, date);
        // Made again from what is left it would say less: a day that old stands as it is.
        if (history.IsDigested(wearer, reach.Start - Duration.FromHours(1), reach.End))
            return null;
        var hours = new SortedDictionary<Instant, HourSummary>();
        foreach (var hour in history.Hours(wearer, reach.Start - Duration.FromHours(1), reach.End, until))
            hours[hour.Start] = hour;
        foreach (var hour in fresh)
            if (hour.Start + Duration.FromHours(1) > reach.Start && hour.Start < reach.End)
                hours[hour.Start] = hour;

        var diary = new List<DiaryEntry>();
        for (var d = date.PlusDays(-2); d <= date.PlusDays(2); d = d.PlusDays(1))
            diary.AddRange(_diaryOn.GetValueOrDefault(d) ?? []);
        var summary = DayFold.Summarise(
            date, until, profile, [.. hours.Values], _sleep.Around(date), diary);
        if (_days.TryGetValue(date, out var held) && held == summary with { KnownAt = held.KnownAt })
            return null;
        return _days[date] = summary;
    }

    void LearnDiary(StoredEntry entry, object value)
    {
        if (!_diary.TryGetValue((entry.Kind, entry.Key), out var edited))
            _diary[(entry.Kind, entry.Key)] = edited = new EditedEntry();
        var before = edited.Value as DiaryEntry;
        if (!edited.Learn(entry, value))
            return;
        if (before is not null)
        {
            _diaryOn.GetValueOrDefault(DateOf(before))?.Remove(before);
            _touched.Add(DateOf(before));
        }

        if (edited.Value is not DiaryEntry now)
            return;
        _touched.Add(DateOf(now));
        if (!now.Withdrawn)
            Slot(_diaryOn, DateOf(now)).Add(now);
    }

    LocalDate DateOf(DiaryEntry entry) => entry switch
    {
        Episode { Start: { } start } => ActivityDay.DateOf(profile, start),
        Episode { Day: { } day } => day,
        NoAttack { Day: var day } => day,
        Trigger { At: var at } => ActivityDay.DateOf(profile, at),
        Dose { At: var at } => ActivityDay.DateOf(profile, at),
        CheckIn { At: var at } => ActivityDay.DateOf(profile, at),
        _ => ActivityDay.DateOf(profile, entry.Received),
    };

    static List<T> Slot<T>(Dictionary<LocalDate, List<T>> slots, LocalDate date) =>
        slots.TryGetValue(date, out var slot) ? slot : slots[date] = [];

    static IEnumerable<(Instant From, Instant To)> Runs(IReadOnlyList<Instant> hours)
    {
        var from = hours[0];
        for (var i = 1; i <= hours.Count; i++)
            if (i == hours.Count || hours[i] != hours[i - 1] + Duration.FromHours(1))
            {
                yield return (from, hours[i - 1] + Duration.FromHours(1));
                if (i < hours.Count)
                    from = hours[i];
            }
    }
}
