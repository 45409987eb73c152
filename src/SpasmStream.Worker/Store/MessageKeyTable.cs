using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Messages without an instant of their own, by the SHA-256 of packet identifier, topic and payload (B29).
/// Their receipt stands in for the instant, so a second delivery of one would make a second row: only the
/// sender's word that it may have sent it before, under the identifier it had then, tells that from the same
/// thing said again. Identifiers are used again, so that word counts only as far back as the sender may
/// have missed our acknowledgement.
/// </summary>
sealed class MessageKeyTable(SqliteConnection connection, TimeProvider time)
{
    /// <summary>How long a key is kept: longer than a broker keeps a session.</summary>
    public static readonly Duration Kept = Duration.FromDays(8);

    /// <summary>
    /// Whether it is a second delivery of a message that is here; else it is remembered from now on.
    /// </summary>
    public bool IsRepeated(Delivery delivery)
    {
        // A NUL cannot be part of a topic, so that no two of them look alike.
        var hash = SHA256.HashData([
            (byte)(delivery.PacketId >> 8), (byte)delivery.PacketId,
            .. Encoding.UTF8.GetBytes(delivery.Topic), 0, .. delivery.Payload.Span,
        ]);
        using var command = connection.CreateCommand();
        command.Parameters.AddWithValue("$h", hash);
        // Not the receipt: one that was stated may be long ago.
        command.Parameters.AddWithValue("$k", time.GetUtcNow().ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$f", Ms.Of(delivery.RepeatsFrom));
        command.CommandText = "SELECT EXISTS(SELECT 1 FROM message_key WHERE hash=$h AND kept>=$f)";
        var isRepeated = delivery.Dup && (long)command.ExecuteScalar()! != 0;
        // Also of a second delivery: its acknowledgement may be lost like the first one's.
        command.CommandText = """
            INSERT INTO message_key VALUES($h, $k)
            ON CONFLICT DO UPDATE SET kept=max(kept, excluded.kept)
            """;
        command.ExecuteNonQuery();
        return isRepeated;
    }

    /// <summary>Removes the oldest keys kept before an instant; returns how many.</summary>
    public int Evict(long before, int most)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM message_key WHERE hash IN (
                SELECT hash FROM message_key WHERE kept<$limit ORDER BY kept LIMIT $most)
            """;
        command.Parameters.AddWithValue("$limit", before);
        command.Parameters.AddWithValue("$most", most);
        return command.ExecuteNonQuery();
    }
}
