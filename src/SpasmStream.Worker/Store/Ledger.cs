using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>What was counted and what waits, all of it as of one commit.</summary>
/// <param name="Counters">Every counter, by its name.</param>
/// <param name="DeadLetters">Dead letters that are there, by the kind of their reason.</param>
/// <param name="Outbox">Announcements that have not gone out.</param>
/// <param name="Backlog">What waits to be forwarded.</param>
/// <param name="Log">Bytes of the log of commits.</param>
sealed record LedgerPage(
    IReadOnlyDictionary<string, long> Counters, IReadOnlyDictionary<string, long> DeadLetters, long Outbox,
    ForwardBacklog Backlog, long Log)
{
    public long Of(Counter counter) => Counters.GetValueOrDefault(counter.ToString());

    /// <summary>Points that wait to be forwarded: what was journalled and has met no end.</summary>
    public long PointsWaiting => Math.Max(0, Of(Counter.PointsJournalled) - Of(Counter.PointsForwarded)
        - Of(Counter.PointsRefused) - Of(Counter.PointsDropped) - Of(Counter.PointsErased));
}

/// <summary>
/// What the file itself says of all that was counted: it survives a restart and cannot drift. Whoever tells
/// it on turns the page first, at most once a second, and reads everything from one page.
/// </summary>
sealed class Ledger(StoreFile file, TimeProvider time)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    readonly Lock _gate = new();
    volatile LedgerPage? _page;
    long _turned;
    (long Changes, IReadOnlyDictionary<string, long> ByReason)? _letters;

    /// <summary>The page; null when the file cannot be asked: the writer will say why.</summary>
    public LedgerPage? Page => _page;

    /// <summary>Reads the file again, unless it was asked less than a second ago.</summary>
    public LedgerPage? Turn()
    {
        lock (_gate)
        {
            if (_page is { } page && time.GetElapsedTime(_turned) < Fresh)
                return page;
            _page = Read();
            _turned = time.GetTimestamp();
            return _page;
        }
    }

    LedgerPage? Read()
    {
        try
        {
            using var reader = file.OpenReader();
            using var same = reader.BeginTransaction(deferred: true);
            var counters = reader.Query<(string Name, long Value)>("SELECT name, value FROM counter")
                .ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
            var log = new FileInfo(file.Path + "-wal");
            return new LedgerPage(counters, LettersOf(reader, counters),
                reader.ExecuteScalar<long>(
                    "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"),
                ForwardBacklog.Of(reader, time.GetUtcNow().ToUnixTimeMilliseconds()),
                log.Exists ? log.Length : 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            return null;
        }
    }

    // Each row of them is looked at, so only when the counters say that one came or went. What stands behind
    // the colon of a reason is left out: these are few, and stay few.
    IReadOnlyDictionary<string, long> LettersOf(
        SqliteConnection reader, Dictionary<string, long> counters)
    {
        var changes = Sum(counters, Counter.DeadLetters, Counter.DeadLettersEvicted,
            Counter.DeadLettersRequeued, Counter.DeadLettersPurged);
        if (_letters is { } known && known.Changes == changes)
            return known.ByReason;
        var letters = reader.Query<(string Reason, long Rows)>("""
            SELECT substr(reason, 1, instr(reason || ':', ':') - 1), count(*) FROM dead_letter GROUP BY 1
            """).ToDictionary(row => row.Reason, row => row.Rows, StringComparer.Ordinal);
        _letters = (changes, letters);
        return letters;
    }

    static long Sum(Dictionary<string, long> counters, params ReadOnlySpan<Counter> of)
    {
        var sum = 0L;
        foreach (var counter in of)
            sum += counters.GetValueOrDefault(counter.ToString());
        return sum;
    }
}
