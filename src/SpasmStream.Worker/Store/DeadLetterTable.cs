using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What was refused, with its reason and its bytes; a payload is kept once however many rows name it.
/// </summary>
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

    /// <summary>
    /// Removes what is too old, then the oldest until the payloads fit; returns how many rows went.
    /// </summary>
    public int Evict(Instant now)
    {
        var evicted = Delete("received < $limit", Ms.Of(now - Duration.FromDays(options.DeadLetterDays)));
        var allowed = options.DeadLetterMebibytes * 1024L * 1024;
        while (KeptBytes() > allowed)
        {
            var gone = Delete("id IN (SELECT id FROM dead_letter ORDER BY received, id LIMIT 500)", 0);
            evicted += gone;
            if (gone == 0)
                break;
        }

        return evicted;
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

    long KeptBytes()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(length(payload)), 0) FROM dead_payload";
        return (long)command.ExecuteScalar()!;
    }

    static string Shorten(string text, int length) => text.Length <= length ? text : text[..length];
}
