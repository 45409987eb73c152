using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>What was refused, with its reason and its bytes; a payload is kept once however many rows name it.</summary>
sealed class DeadLetterTable(SqliteConnection connection, StoreOptions options)
{
    const int PayloadMax = 64 * 1024;

    public void Put(Instant received, string topic, string? pseudonym, Rejection rejection,
        ReadOnlySpan<byte> payload)
    {
        var hash = SHA256.HashData(payload);
        var kept = payload[..Math.Min(payload.Length, PayloadMax)].ToArray();
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO dead_payload(hash, payload) VALUES($hash, $payload) ON CONFLICT DO NOTHING;
            INSERT INTO dead_letter(received, topic, pseudonym, reason, detail, item, size, payload_hash)
            VALUES($received, $topic, $pseudonym, $reason, $detail, $item, $size, $hash)
            """;
        command.Parameters.AddWithValue("$received", Ms.Of(received));
        command.Parameters.AddWithValue("$topic", Shorten(topic, 256));
        command.Parameters.AddWithValue("$pseudonym", pseudonym ?? (object)DBNull.Value);
        command.Parameters.AddWithValue("$reason", rejection.Reason);
        command.Parameters.AddWithValue("$detail", Shorten(rejection.Detail, 200));
        command.Parameters.AddWithValue("$item", rejection.Index ?? (object)DBNull.Value);
        command.Parameters.AddWithValue("$size", payload.Length);
        command.Parameters.AddWithValue("$hash", hash);
        command.Parameters.AddWithValue("$payload", kept);
        command.ExecuteNonQuery();
    }

    /// <summary>Removes what is too old, then the oldest beyond what may be kept; returns how many rows went.</summary>
    public int Evict(Instant now)
    {
        var evicted = Delete("received < $limit", Ms.Of(now - Duration.FromDays(options.DeadLetterDays)));
        // Newest first, a payload counts once, where it was last named; what lies beyond the limit goes.
        return evicted + Delete("""
            payload_hash IN (SELECT payload_hash FROM (
                SELECT payload_hash, sum(length(payload)) OVER (ORDER BY last DESC) AS running FROM (
                    SELECT payload_hash, max(id) AS last FROM dead_letter GROUP BY payload_hash)
                JOIN dead_payload ON hash=payload_hash) WHERE running > $limit)
            """, options.DeadLetterMebibytes * 1024L * 1024);
    }

    int Delete(string condition, long limit)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"DELETE FROM dead_letter WHERE {condition}";
        command.Parameters.AddWithValue("$limit", limit);
        var gone = command.ExecuteNonQuery();
        if (gone > 0)
        {
            command.CommandText =
                "DELETE FROM dead_payload WHERE hash NOT IN (SELECT payload_hash FROM dead_letter)";
            command.ExecuteNonQuery();
        }

        return gone;
    }

    static string Shorten(string text, int length) => text.Length <= length ? text : text[..length];
}
