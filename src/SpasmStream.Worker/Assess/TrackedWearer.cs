using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Core.Triggers;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>
/// One wearer being followed: walks a clock over the wearer's history, folds what had become known at each
/// issue time, asks the engine, and keeps what it says. Live, restart, replay, import and backtest all come
/// through here; what is said at an issue time depends on nothing but what had been received by then.
/// </summary>
sealed class TrackedWearer
{
    /// <summary>
    /// Replayed messages may overtake each other by less than this: an issue time is asked for once something
    /// received so much later has come, and at the end of a record not at all.
    /// </summary>
    public static readonly Duration ReplayHold = Duration.FromMinutes(15);

    // A live issue time older than this was missed: only the newest of those is made up for, stamped as late
    // as it is.
    static readonly Duration MissedAfter = Duration.FromMinutes(2);

    readonly WearerId _wearer;
    readonly WearerProfile _profile;
    readonly IHistory _history;
    readonly ReadEntry _read;
    readonly WearerRisk _risk;
    readonly DaySheet _sheet;
    readonly HashSet<(LocalDate, ForecastKind)> _issued = [];

    // Not yet told to the engine, but nights among it decide when it is asked.
    readonly List<DatedEntry> _waiting = [];

    // All that came in, learnt or waiting: the windows before an episode are marked at once.
    readonly Dictionary<string, EditedEntry> _episodes = [];
    long _pulledEntry;
    bool _hasUnmarked;
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
        Assessed = record.Assessed;
        if (Assessed is not { } assessed)
            return;
        foreach (var day in record.Days)
        {
            _sheet.Remember(day);
            _risk.Observe(day);
        }

        // What the stored days hold already is learnt; the rest waits for the next issue time, as it did
        // before.
        Pull();
        Learn(entry => entry.Received <= assessed && entry.Stored.Id <= record.PulledEntry);
        _sheet.Settle();
        foreach (var forecast in record.Forecasts)
        {
            _newest = forecast.DataUntil ?? _newest;
            _issued.Add((forecast.Date, forecast.Kind));
            _risk.Observe(forecast);
        }

        LookAhead(assessed);
    }

    /// <summary>
    /// Brings the wearer up to a clock. Under replay every issue time on the way is made; on our own clock a
    /// missed one is made up for only if it is the newest.
    /// </summary>
    public async Task AdvanceAsync(Instant clock, bool replayed, CancellationToken cancellationToken)
    {
        if (!Begin(clock) || Assessed is not { } assessed || clock <= assessed)
            return;

        Pull();
        foreach (var due in Wanted(assessed, clock, replayed))
            await IssueAsync(due, replayed, cancellationToken);
        if (_hasUnmarked)
            await _history.SaveAsync(_wearer,
                new AssessedStep { KnownAt = clock, Replayed = replayed, Preceded = Mark() },
                cancellationToken);
        _hasUnmarked = false;
        LookAhead(clock);
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
        Assessed = first - Duration.FromMilliseconds(1);
        return true;
    }

    /// <summary>
    /// Takes in everything received, asked for or not: nothing is issued after this, only judged.
    /// </summary>
    public void LearnAll()
    {
        if (Assessed is null)
            return;
        Pull();
        Learn(_ => true);
    }

    /// <summary>
    /// Whether an onset followed a forecast within 24 h, as known now; null while that is open.
    /// </summary>
    public bool? Label(Forecast forecast) =>
        _risk.Label(new IssueTime(forecast.Issued, forecast.Date, forecast.Kind));

    /// <summary>Fetches what was stored since.</summary>
    void Pull()
    {
        foreach (var stored in _history.Entries(_wearer, _pulledEntry))
        {
            _pulledEntry = Math.Max(_pulledEntry, stored.Id);
            if (_read(_wearer, stored) is not { } value)
                continue;
            _waiting.Add(new DatedEntry(stored, value));
            _sheet.HearOfNight(value);
            if (!IsEpisode(stored))
                continue;
            _hasUnmarked = true;
            if (!_episodes.TryGetValue(stored.Key, out var episode))
                _episodes[stored.Key] = episode = new EditedEntry();
            episode.Learn(stored, value);
        }
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
            foreach (var time in _sheet.DueOn(date))
                if (time.At > after && time.At <= until && !_issued.Contains((time.Date, time.Kind)))
                    due.Add(time);
        // A journey may bring two clocks to one instant: one forecast is made at it.
        return [.. due.OrderBy(time => time.At).DistinctBy(time => time.At)];
    }

    async Task IssueAsync(IssueTime due, bool replayed, CancellationToken cancellationToken)
    {
        var hasEpisode = Learn(entry => entry.Received <= due.At);
        var fold = _sheet.Fold(Assessed!.Value, due.At);
        foreach (var day in fold.Days)
            _risk.Observe(day);
        Heard(fold.NewestReceipt);

        var assessment = _risk.Assess(due);
        _issued.Add((due.Date, due.Kind));
        await _history.SaveAsync(_wearer, new AssessedStep
        {
            KnownAt = due.At,
            Replayed = replayed,
            Folded = fold.Folded,
            Hours = fold.Hours,
            Days = fold.Days,
            PulledEntry = _pulledEntry,
            Assessment = assessment with { Forecast = assessment.Forecast with { DataUntil = _newest } },
            // With the issue time that learnt it: once that is stored, a stop cannot leave an episode
            // unmarked.
            Preceded = hasEpisode ? Mark() : null,
        }, cancellationToken);
        Assessed = due.At;
    }

    /// <summary>
    /// Tells the engine what waits and meets the condition; whether an episode was among it.
    /// </summary>
    bool Learn(Predicate<DatedEntry> condition)
    {
        var learnt = _waiting.FindAll(condition);
        // Of what came within one millisecond the order of storing says nothing.
        learnt.Sort(static (a, b) => EditedEntry.CompareReceipts(a.Stored, b.Stored));
        foreach (var entry in learnt)
        {
            Heard(entry.Received);
            _sheet.Learn(entry.Stored, entry.Value);
            if (entry.Value is DiaryEntry diary)
                _risk.Observe(diary);
            else if (entry.Value is Withdrawal withdrawal)
                _risk.Observe(withdrawal);
        }

        if (learnt.Count > 0)
            _waiting.RemoveAll(condition);
        return learnt.Exists(entry => IsEpisode(entry.Stored));
    }

    /// <summary>Which windows preceded which episodes, by all that came in, learnt or waiting.</summary>
    IReadOnlyList<Preceded> Mark() => PrecursorWindows.Mark(_risk.Windows,
        [.. _episodes.Values.Select(edited => edited.Value).OfType<Episode>().Where(e => !e.Withdrawn)]);

    static bool IsEpisode(StoredEntry entry) => entry.Kind == "episode";

    void LookAhead(Instant from) =>
        NextDue = DueIn(from, from + Duration.FromDays(2)) is [{ At: var at }, ..] ? at : null;

    void Heard(Instant? received) => _newest = _newest > received ? _newest : received ?? _newest;

    /// <summary>An entry as it is stored and as it is read.</summary>
    readonly record struct DatedEntry(StoredEntry Stored, object Value)
    {
        public Instant Received => Stored.Received;
    }
}
