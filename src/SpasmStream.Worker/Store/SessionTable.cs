using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>What a broker keeps for us, as far as we know.</summary>
/// <param name="Filters">What its session is subscribed to.</param>
/// <param name="Seen">When the link to it last stood.</param>
/// <param name="Expires">Until when it keeps the session without us.</param>
sealed record BrokerSession(IReadOnlyList<string> Filters, Instant Seen, Instant Expires)
{
    /// <summary>Whether an earlier run asked for it, and no answer is in the file.</summary>
    public bool IsUnsure { get; init; }
}

/// <summary>One row for each client id at each broker.</summary>
static class SessionTable
{
    public static BrokerSession? Read(StoreFile file, string client)
    {
        using var reader = file.OpenReader();
        return Read(reader, client);
    }

    /// <summary>
    /// As an earlier run left it: its newest receipt tells that the link stood, if it was seen no later.
    /// </summary>
    public static BrokerSession? Read(SqliteConnection reader, string client)
    {
        var row = reader.QueryFirstOrDefault<(string? Filters, long Seen, long Expires, bool IsUnsure)>("""
            SELECT filters, max(seen, coalesce((SELECT last FROM clock), seen)), expires,
                EXISTS (SELECT 1 FROM gap WHERE end IS NULL AND cause='session_unsure')
            FROM broker_session WHERE client=@client
            """, new { client });
        return row.Filters is null ? null : new BrokerSession(
            Json.Read<string[]>(row.Filters), Ms.ToInstant(row.Seen), Ms.ToInstant(row.Expires))
        {
            IsUnsure = row.IsUnsure,
        };
    }

    public static void Put(WriteSession session, string client, BrokerSession known) => session.Execute("""
        INSERT INTO broker_session(client, filters, seen, expires) VALUES($c, $f, $s, $e)
        ON CONFLICT DO UPDATE SET filters=excluded.filters, seen=excluded.seen, expires=excluded.expires
        """,
        ("$c", client), ("$f", Json.Write(known.Filters)), ("$s", Ms.Of(known.Seen)),
        ("$e", Ms.Of(known.Expires)));

    public static void Remove(WriteSession session, string client) =>
        session.Execute("DELETE FROM broker_session WHERE client=$c", ("$c", client));
}
