using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What was refused, with its reason and its bytes; a payload is kept once however many rows name it.
/// </summary>
sealed class DeadLetterTable(SqliteConnection connection, TimeProvider time)
{
    const int PayloadMax = 64 * 1024;

    // What is only not supported yet will be asked for again, whole.
    const int UnsupportedMax = 256 * 1024;

    // A message of 50,000 bad items must not become 50,000 rows: the last row stands for all the rest.
    const int RowsPerMessage = 100;

    /// <summary>Keeps everything a message was refused for; returns the rows written.</summary>
    public int Put(Delivery delivery, string? pseudonym, IReadOnlyList<Rejection> rejections)
    {
        var payload = delivery.Payload.Span;
        var max = rejections.Any(r => r.Reason == Reasons.Unsupported) ? UnsupportedMax : PayloadMax;
        var hash = SHA256.HashData(payload);
        Execute("""
            INSERT INTO dead_payload(hash, payload)
            VALUES($hash, ifnull(seal('dead_payload', $hash, $payload), x''))
            ON CONFLICT DO NOTHING
            """,
            ("$hash", hash), ("$payload", payload[..Math.Min(payload.Length, max)].ToArray()));
        var rows = Math.Min(rejections.Count, RowsPerMessage);
        for (var i = 0; i < rows; i++)
            Execute("""
                INSERT INTO dead_letter(received, topic, pseudonym, reason, detail, item, items, size,
                    payload_hash, replayed, kept)
                VALUES($received, $topic, $pseudonym, $reason, $detail, $item, $items, $size, $hash,
                    $replayed, $kept)
                """,
                ("$received", Ms.Of(delivery.Received)), ("$topic", Shorten(delivery.Topic, 256)),
                ("$pseudonym", pseudonym), ("$reason", rejections[i].Reason),
                ("$detail", Shorten(rejections[i].Detail, 200)), ("$item", rejections[i].Index),
                ("$items", i == rows - 1 ? rejections.Count - rows + 1 : 1), ("$size", payload.Length),
                ("$hash", hash), ("$replayed", delivery.Replayed ? 1 : 0),
                // The receipt may be one that was stated: how old the letter is says our own clock.
                ("$kept", time.GetUtcNow().ToUnixTimeMilliseconds()));
        return rows;
    }

    /// <summary>Whether these bytes were refused on this topic before.</summary>
    public bool Holds(Delivery delivery)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT EXISTS(SELECT 1 FROM dead_letter WHERE payload_hash=$hash AND topic=$topic)";
        command.Parameters.AddWithValue("$hash", SHA256.HashData(delivery.Payload.Span));
        command.Parameters.AddWithValue("$topic", Shorten(delivery.Topic, 256));
        return (long)command.ExecuteScalar()! != 0;
    }

    /// <summary>Removes what is meant, with the payloads nobody names any more; returns the rows.</summary>
    public int Remove(DeadLetterFilter filter)
    {
        var gone = connection.Execute(
            $"DELETE FROM dead_letter WHERE {DeadLetterFilter.Where}", filter.Parameters);
        if (gone > 0)
            connection.Execute(
                "DELETE FROM dead_payload WHERE hash NOT IN (SELECT payload_hash FROM dead_letter)");
        return gone;
    }

    /// <summary>Removes rows of one message, and its payload when none is left; returns the rows.</summary>
    public int Remove(IReadOnlyList<DeadLetterRow> rows) =>
        Remove([.. rows.Select(row => new DeadLetterPlace { Id = row.Id, Hash = row.Hash })]);

    /// <summary>Removes rows, and the payloads that nobody names any more; returns the rows.</summary>
    public int Remove(IReadOnlyList<DeadLetterPlace> rows)
    {
        var gone = connection.Execute("DELETE FROM dead_letter WHERE id=@Id", rows);
        foreach (var hash in rows.Select(row => row.Hash).DistinctBy(Convert.ToHexString))
            connection.Execute("""
                DELETE FROM dead_payload WHERE hash=@hash
                    AND NOT EXISTS(SELECT 1 FROM dead_letter WHERE payload_hash=@hash)
                """, new { hash });
        return gone;
    }

    void Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        command.ExecuteNonQuery();
    }

    static string Shorten(string text, int length) => text.Length <= length ? text : text[..length];
}
