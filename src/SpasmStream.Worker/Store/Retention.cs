using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>Where a run of the retention has got to.</summary>
/// <param name="Step">Which of its steps.</param>
/// <param name="After">The last key that was visited in it; null at its beginning.</param>
readonly record struct RetentionPlace(int Step, object[]? After);

/// <summary>What one slice did.</summary>
/// <param name="Removed">Rows removed.</param>
/// <param name="Next">Where to go on; null when all is done.</param>
readonly record struct RetentionSlice(int Removed, RetentionPlace? Next);

/// <summary>
/// One run over what is too old: samples first, then minutes, then what was sent. It goes in slices, each in
/// a transaction of its own and in the order of a key. A slice depends on nothing but the file and its place,
/// so one whose commit failed is simply made again. A sample whose hour is still to be folded stays.
/// </summary>
sealed class Retention
{
    const long Hour = 3_600_000;

    static readonly string _isCounter = Of(HourFold.IsCounter);
    static readonly string _isFolded = Of(HourFold.Uses);

    // As HourFold.HoursTouched has it: running counts reach an hour to either side.
    static readonly string _reach = $"CASE WHEN {_isCounter} THEN {Hour} ELSE min(dur, {Hour}) END";
    static readonly string _firstHour = $"(t-CASE WHEN {_isCounter} THEN {Hour} ELSE 0 END)/{Hour}";
    static readonly string _lastHour =
        $"(t+CASE WHEN {_isCounter} THEN {Hour - 1} ELSE min(max(dur-1, 0), {Hour}) END)/{Hour}";

    static readonly string _rawOnly = Of(signal => HourFold.Uses(signal) || signal == Signal.RrInterval);

    static readonly KeyRange _outbox = new("outbox", "key, channel");

    /// <summary>Visits a slice; what it removed and its last key, null when it was the last.</summary>
    public delegate (int Removed, object[]? Last) Step(WriteSession session, object[]? after, int rows);

    readonly Counter _counter;
    readonly IReadOnlyList<Step> _steps;
    readonly long _rawNext;
    readonly long? _minuteNext;

    Retention(Counter counter, long rawNext, long? minuteNext, params IReadOnlyList<Step> steps) =>
        (_counter, _rawNext, _minuteNext, _steps) = (counter, rawNext, minuteNext, steps);

    /// <summary>Steps of another kind, which look for what they remove anew each time.</summary>
    public Retention(Counter counter, IReadOnlyList<Step> steps) : this(counter, 0, null, steps)
    {
    }

    /// <summary>Where every run starts.</summary>
    public static RetentionPlace Start => new(0, null);

    /// <summary>Begins the daily run.</summary>
    /// <param name="session">The writer's.</param>
    /// <param name="options">What is too old.</param>
    /// <param name="now">Our own time.</param>
    /// <param name="waiting">
    /// The earliest start of what is still to be forwarded, from which on all samples stay; null for none.
    /// </param>
    public static Retention Begin(
        WriteSession session, StoreOptions options, Instant now, long? waiting = null)
    {
        var cut = Cutoffs.Of(options, now).NotPast(waiting);
        var (raw, minutes) = Open(session, cut.Raw);
        return new Retention(Counter.RowsThinned, NextFrom(session, cut.Raw), NextFrom(session, cut.Minutes),
            Samples("sample", raw, cut.Raw, _rawOnly),
            Samples("sample_superseded", raw, cut.Raw, _rawOnly),
            Samples("sample", minutes, cut.Minutes, "TRUE"),
            Samples("sample_superseded", minutes, cut.Minutes, "TRUE"),
            (s, after, rows) => HourDigests.Make(s, cut.Minutes, after, rows),
            (s, after, rows) => SpentVersions.Remove(s, cut.Done, after, rows),
            Rows(_outbox,
                "state NOT IN ('pending', 'sending') AND coalesce(done, expires) < $cutoff", cut.Done));
    }

    /// <summary>
    /// Begins giving up the oldest day of samples before its age, because the disk is full; null when nothing
    /// is left that is older than a message may be late.
    /// </summary>
    public static (Retention Run, Interval Stretch)? BeginDrop(WriteSession session, Instant now)
    {
        var limit = Cutoffs.Before(now, Cutoffs.LatenessDays);
        if (session.Scalar<long?>($"""
            SELECT t FROM sample WHERE t>=coalesce((SELECT min(raw_from, coalesce(late, raw_from))
                FROM retention), {long.MinValue}) AND t<$c-{Hour} AND {_rawOnly} AND {IsClean("sample")}
            ORDER BY t LIMIT 1
            """, ("$c", limit)) is not { } oldest)
            return null;
        var cutoff = Math.Min(limit, (oldest / Hour + 24) * Hour);
        var (raw, _) = Open(session, cutoff);
        // With the first row that goes, so that no crash leaves a hole that nobody knows of.
        GapTable.Record(session, GapCause.DiskFull, Ms.ToInstant(oldest), Ms.ToInstant(cutoff));
        return (new Retention(Counter.RowsDropped, NextFrom(session, cutoff), null,
                Samples("sample", raw, cutoff, _rawOnly),
                Samples("sample_superseded", raw, cutoff, _rawOnly)),
            new Interval(Ms.ToInstant(oldest), Ms.ToInstant(cutoff)));
    }

    /// <summary>Does one slice of at most that many rows.</summary>
    public RetentionSlice Slice(WriteSession session, RetentionPlace place, int rows)
    {
        // Whatever shares this transaction has touched hours: they must be seen to be dirty.
        session.Flush();
        var (removed, last) = _steps[place.Step](session, place.After, rows);
        session.Count(_counter, removed);
        return new RetentionSlice(removed, last is not null ? place with { After = last }
            : place.Step + 1 < _steps.Count ? new RetentionPlace(place.Step + 1, null) : null);
    }

    /// <summary>Notes that all of it is done, and where the next run has to look first.</summary>
    public void Finish(WriteSession session, Instant now) => session.Execute(
        "UPDATE retention SET raw_from=$r, minute_from=coalesce($m, minute_from), ran=coalesce($n, ran)",
        ("$r", _rawNext), ("$m", _minuteNext), ("$n", _minuteNext is null ? null : Ms.Of(now)));

    /// <summary>When the last daily run was done; null before the first.</summary>
    public static Instant? LastRun(WriteSession session) =>
        Ms.ToInstant(session.Scalar<long?>("SELECT ran FROM retention"));

    // From here on no hour below the cutoff is known to be whole, and what comes in below it is noted.
    static (long Raw, long Minutes) Open(WriteSession session, long cutoff)
    {
        session.Flush();
        session.Execute($"""
            INSERT INTO retention(id, thinned_until, raw_from, minute_from)
            VALUES(1, {long.MinValue}, {long.MinValue}, {long.MinValue}) ON CONFLICT DO NOTHING
            """);
        session.Execute("""
            UPDATE retention SET late=NULL, thinned_until=max(thinned_until, $c),
                raw_from=min(raw_from, coalesce(late, raw_from)),
                minute_from=min(minute_from, coalesce(late, minute_from))
            """, ("$c", cutoff));
        session.Thinned.Forget();
        return (session.Scalar<long>("SELECT raw_from FROM retention"),
            session.Scalar<long>("SELECT minute_from FROM retention"));
    }

    // What reaches over the cutoff, and what waits for its fold, is for the next run.
    static long NextFrom(WriteSession session, long cutoff) => Math.Min(cutoff, Hour * session.Scalar<long>(
        "SELECT coalesce(min(hour), $h) FROM dirty WHERE hour<$h", ("$h", cutoff / Hour))) - Hour;

    static Step Samples(string table, long from, long cutoff, string which)
    {
        var range = new KeyRange(table, "t, series, dur", "t < $cutoff");
        return (session, after, rows) =>
        {
            var stretch = range.Next(session, after ?? [from], rows, ("$cutoff", cutoff));
            var condition = $"{stretch.Condition} AND t+{_reach} <= $cutoff AND {which}";
            if (session.Scalar<bool>("SELECT EXISTS(SELECT 1 FROM dirty WHERE hour<=$h)",
                    ("$h", cutoff / Hour)))
                condition += $" AND {IsClean(table)}";
            // What the fold makes nothing of leaves its hours as whole as they were.
            var hours = $"FROM {table} JOIN series ON series.id={table}.series "
                + $"WHERE {condition} AND {_isFolded}";
            stretch.Execute(session, $"""
                INSERT OR IGNORE INTO thinned SELECT wearer, {_firstHour} {hours}
                    UNION SELECT wearer, t/{Hour} {hours} UNION SELECT wearer, {_lastHour} {hours}
                """);
            return (stretch.Execute(session, $"DELETE FROM {table} WHERE {condition}"), stretch.Last);
        };
    }

    // Nothing in the hours that the sample can change waits for its fold.
    static string IsClean(string table) => $"""
        NOT EXISTS(SELECT 1 FROM series AS whose JOIN dirty ON dirty.wearer=whose.wearer
            AND dirty.hour BETWEEN {_firstHour} AND {_lastHour} WHERE whose.id={table}.series)
        """;

    static string Of(Func<Signal, bool> which) => "series IN (SELECT id FROM series WHERE signal IN ("
        + string.Join(',', Enum.GetValues<Signal>().Where(which).Select(signal => (int)signal)) + "))";

    static Step Rows(KeyRange range, string condition, long cutoff) => (session, after, rows) =>
    {
        var stretch = range.Next(session, after, rows, ("$cutoff", cutoff));
        return (stretch.Execute(session,
            $"DELETE FROM {range.Table} WHERE {stretch.Condition} AND {condition}"), stretch.Last);
    };
}
