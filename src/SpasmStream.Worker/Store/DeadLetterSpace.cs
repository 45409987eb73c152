using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// How much the payloads of dead letters take. All of them are gone through only when what came in since
/// may be too much, and then on a reader, so that no commit waits for it.
/// </summary>
sealed class DeadLetterSpace(StoreFile file, StoreOptions options)
{
    (long Id, long Bytes)? _counted;

    /// <summary>The newest dead letter whose payload is too much; null when all of them fit.</summary>
    public long? Overflow()
    {
        var limit = options.DeadLetterMebibytes * 1024L * 1024;
        using var reader = file.OpenReader();
        // What was removed since is still counted: this is never too little.
        if (_counted is { } then && then.Bytes + Since(reader, then.Id) <= limit)
            return null;
        var (newest, bytes) = reader.QuerySingle<(long, long)>("""
            SELECT (SELECT coalesce(max(id), 0) FROM dead_letter),
                (SELECT coalesce(sum(length(payload)), 0) FROM dead_payload)
            """);
        _counted = (newest, bytes);
        if (bytes <= limit)
            return null;
        // It is counted anew when the oldest have gone.
        _counted = null;
        return reader.ExecuteScalar<long?>("""
            SELECT max(last) FROM (
                SELECT last, sum(length(payload)) OVER (ORDER BY last DESC) AS running FROM (
                    SELECT payload_hash, max(id) AS last FROM dead_letter GROUP BY payload_hash)
                JOIN dead_payload ON hash=payload_hash) WHERE running > @limit
            """, new { limit });
    }

    static long Since(SqliteConnection reader, long id) => reader.ExecuteScalar<long>(
        "SELECT coalesce(sum(size), 0) FROM dead_letter WHERE id>@id", new { id });
}
