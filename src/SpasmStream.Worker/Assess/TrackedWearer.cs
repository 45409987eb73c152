using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Core.Triggers;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>
/// One wearer being followed: walks a clock over the wearer's history, folds what had become known at each issue
/// time, asks the engine, and keeps what it says. Live, restart, replay, import and backtest all come through here;
/// what is said at an issue time depends on nothing but what had been received by then.
/// </summary>
sealed class TrackedWearer
{
    /// <summary>
    /// Replayed messages may overtake each other by less than this: an issue time is asked for once something
    /// received so much later has come, and at the end of a record not at all.
    /// </summary>
    public static readonly Duration ReplayHold = Duration.FromMinutes(15);

    // A live issue time older than this was missed: only the newest of those is made up for, stamped as late as it is.
    static readonly Duration MissedAfter = Duration.FromMinutes(2);

    readonly WearerId _wearer;
    readonly WearerProfile _profile;
    readonly IHistory _history;
    readonly ReadEntry _read;
    readonly WearerRisk _risk;
    readonly DaySheet _sheet;
    readonly WindowFold _windowFold = new();
    readonly List<RiskWindow> _windows = [];
    readonly HashSet<(LocalDate, ForecastKind)> _issued = [];

    // Received after the last issue time: not yet told to the engine, but nights among it decide when it is asked.
    readonly List<DatedEntry> _waiting = [];
    Instant? _pulled;
    Instant? _newest;

    public TrackedWearer(WearerId wearer, WearerProfile profile, IHistory history, ReadEntry read)
    {
        (_wearer, _profile, _history, _read) = (wearer, profile, history, read);
        _risk = new WearerRisk(profile);
        _sheet = new DaySheet(wearer, profile, history);
    }

    /// <summary>How far everything received has been made use of; null before anything was.</summary>
    public Instant? Assessed { get; private set; }

    /// <summary>The next issue time as far as is known now; null before anything was received.</summary>
    public Instant? NextDue { get; private set; }

    /// <summary>Takes up where a stop left off.</summary>
    public void Restore(WearerRecord record)
    {
        Assessed = _pulled = record.Assessed;
        if (Assessed is not { } assessed)
            return;
        foreach (var day in record.Days)
        {
            _sheet.Remember(day);
            _risk.Observe(day);
        }

        foreach (var entry in _history.Entries(_wearer, Instant.MinValue, assessed))
            if (_read(_wearer, entry) is { } value)
            {
                if (value is SleepEpisode sleep)
                    _sheet.AddNight(sleep);
                Learn(new DatedEntry(entry.Received, value));
            }

        _sheet.Settle();
        foreach (var forecast in record.Forecasts)
        {
            _newest = forecast.DataUntil ?? _newest;
            _issued.Add((forecast.Date, forecast.Kind));
            _risk.Observe(forecast);
            Follow(forecast);
        }

        NextDue = DueIn(assessed, assessed + Duration.FromDays(2)).FirstOrDefault().At;
    }

    /// <summary>
    /// Brings the wearer up to a clock. Under replay every issue time on the way is made; on our own clock a missed
    /// one is made up for only if it is the newest.
    /// </summary>
    public async Task AdvanceAsync(Instant clock, bool replayed, CancellationToken cancellationToken)
    {
        if (!Begin(clock) || Assessed is not { } assessed || clock <= assessed)
            return;

        var fresh = Pull(clock);
        foreach (var due in Wanted(assessed, clock, replayed))
            await IssueAsync(due, replayed, cancellationToken);
        if (fresh.Count > 0)
            await MarkAsync(fresh, clock, replayed, cancellationToken);
        NextDue = DueIn(clock, clock + Duration.FromDays(2)).FirstOrDefault().At;
    }

    /// <summary>
    /// The record begins with its first receipt, which is known for sure only when the clock has passed it.
    /// </summary>
    bool Begin(Instant clock)
    {
        if (Assessed is not null)
            return true;
        if (_history.FirstReceipt(_wearer) is not { } first)
            return false;
        NextDue = first;
        if (clock < first)
            return false;
        Assessed = _pulled = first - Duration.FromMilliseconds(1);
        return true;
    }

    /// <summary>Takes in everything received, asked for or not: nothing is issued after this, only judged.</summary>
    public void LearnAll()
    {
        if (Assessed is null)
            return;
        Pull(Instant.MaxValue);
        foreach (var entry in _waiting)
            Learn(entry);
        _waiting.Clear();
    }

    /// <summary>Whether an onset followed a forecast within 24 h, as known now; null while that is open.</summary>
    public bool? Label(Forecast forecast) =>
        _risk.Label(new IssueTime(forecast.Issued, forecast.Date, forecast.Kind));

    /// <summary>Fetches what came in since; the episodes among it.</summary>
    List<Episode> Pull(Instant clock)
    {
        var episodes = new List<Episode>();
        if (_pulled >= clock)
            return episodes;
        foreach (var stored in _history.Entries(_wearer, _pulled!.Value, clock))
        {
            if (_read(_wearer, stored) is not { } value)
                continue;
            _waiting.Add(new DatedEntry(stored.Received, value));
            if (value is SleepEpisode sleep)
                _sheet.AddNight(sleep);
            else if (value is Episode episode)
                episodes.Add(episode);
        }

        _pulled = clock;
        return episodes;
    }

    List<IssueTime> Wanted(Instant after, Instant clock, bool replayed)
    {
        var due = DueIn(after, clock);
        if (replayed || due.Count == 0)
            return due;
        var onTime = due.FindAll(d => clock - d.At <= MissedAfter);
        return onTime.Count > 0 ? onTime : [due[^1] with { At = clock }];
    }

    List<IssueTime> DueIn(Instant after, Instant until)
    {
        var due = new List<IssueTime>();
        var last = ActivityDay.DateOf(_profile, until).PlusDays(1);
        for (var date = ActivityDay.DateOf(_profile, after); date <= last; date = date.PlusDays(1))
            foreach (var time in IssueSchedule.DueOn(date, _profile, _sheet.NightsEnding(date)))
                if (time.At > after && time.At <= until && !_issued.Contains((time.Date, time.Kind)))
                    due.Add(time);
        // A journey may bring two clocks to one instant: one forecast is made at it.
        return [.. due.OrderBy(time => time.At).DistinctBy(time => time.At)];
    }

    async Task IssueAsync(IssueTime due, bool replayed, CancellationToken cancellationToken)
    {
        var heard = _waiting.FindAll(entry => entry.Received <= due.At);
        heard.ForEach(Learn);
        _waiting.RemoveAll(entry => entry.Received <= due.At);

        var fold = _sheet.Fold(Assessed!.Value, due.At);
        foreach (var day in fold.Days)
            _risk.Observe(day);
        Heard(fold.NewestReceipt);

        var assessment = _risk.Assess(due);
        var forecast = assessment.Forecast with { DataUntil = _newest };
        Follow(forecast);
        var marked = Standing(heard.Select(entry => entry.Value).OfType<Episode>());
        _issued.Add((due.Date, due.Kind));
        await _history.SaveAsync(_wearer, new AssessedStep
        {
            KnownAt = due.At,
            Replayed = replayed,
            Folded = fold.Folded,
            Hours = fold.Hours,
            Days = fold.Days,
            Assessment = assessment with { Forecast = forecast },
            // With the issue time that learnt it: once that is stored, a stop cannot leave an episode unmarked.
            Marked = marked.ConvertAll(episode => episode.Id),
            Preceded = Mark(marked),
        }, cancellationToken);
        Assessed = due.At;
    }

    async Task MarkAsync(List<Episode> fresh, Instant clock, bool replayed, CancellationToken cancellationToken)
    {
        var standing = Standing(fresh);
        await _history.SaveAsync(_wearer, new AssessedStep
        {
            KnownAt = clock,
            Replayed = replayed,
            Marked = standing.ConvertAll(episode => episode.Id),
            Preceded = Mark(standing),
        }, cancellationToken);
    }

    /// <summary>Of several versions of an episode only the one that stands is marked.</summary>
    List<Episode> Standing(IEnumerable<Episode> episodes) => episodes.GroupBy(episode => episode.Id)
        .Select(versions => versions.MaxBy(e => (e.Revision, e.Received))!)
        .Where(episode => _sheet.Standing(episode.Id) is not { } held || held.Revision <= episode.Revision)
        .ToList();

    IReadOnlyList<Preceded> Mark(List<Episode> episodes) =>
        PrecursorWindows.Mark(_windows, episodes.FindAll(episode => !episode.Withdrawn));

    void Learn(DatedEntry entry)
    {
        Heard(entry.Received);
        _sheet.Learn(entry.Value);
        if (entry.Value is DiaryEntry diary)
            _risk.Observe(diary);
    }

    void Follow(Forecast forecast)
    {
        if (_windowFold.Observe(forecast) is not { } change)
            return;
        if (change.Kind != WindowChangeKind.Opened)
            _windows.RemoveAt(_windows.Count - 1);
        _windows.Add(change.Window);
    }

    void Heard(Instant? received) => _newest = _newest > received ? _newest : received ?? _newest;

    /// <summary>An entry with its receipt.</summary>
    readonly record struct DatedEntry(Instant Received, object Value);
}
