using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>One version of a sleep or diary object as it is kept.</summary>
/// <param name="Device">The device of its topic, or <c>diary</c>.</param>
/// <param name="Kind">The last level of its topic.</param>
/// <param name="Key">What its versions share.</param>
/// <param name="Revision">Higher replaces lower.</param>
/// <param name="At">When it happened.</param>
/// <param name="Received">When this version reached us first.</param>
/// <param name="Replayed">Whether the receipt was stated by the sender.</param>
/// <param name="Payload">Its own bytes.</param>
sealed record StoredEntry(string Device, string Kind, string Key, int Revision, Instant At, Instant Received,
    bool Replayed, byte[] Payload)
{
    /// <summary>Its number in the order of storing; 0 before it is stored.</summary>
    public long Id { get; init; }
}

/// <summary>Writes sleep and diary objects; every version stays.</summary>
sealed class EntryTable(SqliteConnection connection)
{
    /// <summary>
    /// True for a new version; false for one that is here already (its earliest receipt stays).
    /// </summary>
    public bool Put(long wearer, StoredEntry entry)
    {
        var hash = SHA256.HashData(entry.Payload);
        using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO entry(wearer, device, kind, key, rev, hash, received, replayed, at, payload)
            VALUES($wearer, $device, $kind, $key, $rev, $hash, $received, $replayed, $at,
                seal('entry', $hash, $payload))
            ON CONFLICT DO NOTHING
            """;
        var key = new (string, object)[]
        {
            ("$wearer", wearer), ("$device", entry.Device), ("$kind", entry.Kind), ("$key", entry.Key),
            ("$rev", entry.Revision), ("$hash", hash), ("$received", Ms.Of(entry.Received)),
        };
        Bind(insert, key);
        Bind(insert, ("$replayed", entry.Replayed ? 1 : 0), ("$at", Ms.Of(entry.At)),
            ("$payload", entry.Payload));
        if (insert.ExecuteNonQuery() == 1)
            return true;

        using var earlier = connection.CreateCommand();
        earlier.CommandText = """
            UPDATE entry SET received=$received, replayed=$replayed WHERE wearer=$wearer AND device=$device
                AND kind=$kind AND key=$key AND rev=$rev AND hash=$hash AND received>$received
            """;
        Bind(earlier, key);
        Bind(earlier, ("$replayed", entry.Replayed ? 1 : 0));
        earlier.ExecuteNonQuery();
        return false;
    }

    static void Bind(SqliteCommand command, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
    }
}
