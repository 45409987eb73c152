using Dapper;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Removes dead letters and keys of messages that are too old, and the oldest dead letters when their
/// payloads are too many, in slices as <see cref="Retention"/> does.
/// </summary>
static class Eviction
{
    /// <summary>Payloads are large: a slice of them is a small one.</summary>
    public const int MostRows = 500;

    /// <summary>Begins a run; null when nothing may go.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="now">Our own time; null when it cannot be trusted, so that nothing goes by age.</param>
    /// <param name="overflow">
    /// The newest dead letter whose payload is too much; null when all of them fit.
    /// </param>
    public static Retention? Begin(StoreOptions options, Instant? now, long? overflow)
    {
        var steps = new List<Retention.Step>();
        if (now is { } today)
        {
            steps.Add(TooOld(Ms.Of(today - Duration.FromDays(options.DeadLetterDays))));
            steps.Add(Keys(Ms.Of(today - MessageKeyTable.Kept)));
        }

        if (overflow is { } last)
            steps.Add(TooMany(last));
        return steps.Count == 0 ? null : new Retention(Counter.DeadLettersEvicted, steps);
    }

    static Retention.Step TooOld(long limit) => (session, _, rows) =>
    {
        var most = Math.Min(rows, MostRows);
        var slice = session.Connection.Query<DeadLetterPlace>(
            "SELECT id, payload_hash AS hash FROM dead_letter WHERE kept<@limit ORDER BY kept LIMIT @most",
            new { limit, most }).ToList();
        return (session.DeadLetters.Remove(slice), slice.Count < most ? null : []);
    };

    static Retention.Step Keys(long limit) => (session, _, rows) =>
    {
        var most = Math.Min(rows, MostRows);
        // Nobody counts them: they are no messages.
        return (0, session.MessageKeys.Evict(limit, most) < most ? null : []);
    };

    // A payload counts where it was last named: one that is named again later stays.
    static Retention.Step TooMany(long last) => (session, after, rows) =>
    {
        var slice = session.Connection.Query<DeadLetterPlace>("""
            SELECT id, payload_hash AS hash FROM dead_letter WHERE id>@after AND id<=@last
            ORDER BY id LIMIT @most
            """, new
        {
            after = after is [long id] ? id : long.MinValue, last, most = Math.Min(rows, MostRows),
        }).ToList();
        if (slice is [])
            return (0, null);
        var gone = slice.FindAll(row => session.Scalar<long>(
            "SELECT max(id) FROM dead_letter WHERE payload_hash=$h", ("$h", row.Hash)) <= last);
        return (session.DeadLetters.Remove(gone), [slice[^1].Id]);
    };
}

/// <summary>A dead letter by its number, and where its payload is.</summary>
sealed class DeadLetterPlace
{
    public long Id { get; set; }

    public byte[] Hash { get; set; } = [];
}
