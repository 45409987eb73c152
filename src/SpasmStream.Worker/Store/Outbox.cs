using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>An announcement on its way to a channel.</summary>
sealed record OutboxRow(string Key, string Channel, WearerId Wearer, Announcement Announcement, int Attempts,
    Instant Expires);

/// <summary>What has to go out, and what became of it.</summary>
sealed class Outbox(StoreFile file, StoreWriter writer)
{
    /// <summary>What is due on a channel, oldest first.</summary>
    public IReadOnlyList<OutboxRow> Due(string channel, Instant now)
    {
        using var reader = file.OpenReader();
        return reader.Query<(string Key, string Wearer, string Announcement, long Attempts, long Expires)>("""
            SELECT key, wearer.name, announcement, attempts, expires FROM outbox
            JOIN wearer ON wearer.id=outbox.wearer
            WHERE state='pending' AND channel=@channel AND next<=@now ORDER BY outbox.created, key LIMIT 200
            """, new { channel, now = Ms.Of(now) })
            .Select(row => new OutboxRow(row.Key, channel, new WearerId(row.Wearer),
                Json.Read<Announcement>(row.Announcement), (int)row.Attempts, Ms.ToInstant(row.Expires)))
            .ToList();
    }

    public Task DeliveredAsync(OutboxRow row, Instant at, CancellationToken cancellationToken) =>
        SetAsync(row, "delivered", at, next: null, cancellationToken);

    public Task ExpiredAsync(OutboxRow row, Instant at, CancellationToken cancellationToken) =>
        SetAsync(row, "expired", at, next: null, cancellationToken);

    public Task RetryAsync(OutboxRow row, Instant next, CancellationToken cancellationToken) =>
        SetAsync(row, "pending", done: null, next, cancellationToken);

    Task<int> SetAsync(
        OutboxRow row, string state, Instant? done, Instant? next, CancellationToken cancellationToken) =>
        writer.RunAsync(session => session.Execute("""
            UPDATE outbox SET state=$s, attempts=attempts+1, done=$d, next=coalesce($n, next)
            WHERE key=$k AND channel=$c
            """, ("$s", state), ("$d", Ms.Of(done)), ("$n", Ms.Of(next)), ("$k", row.Key),
            ("$c", row.Channel)), cancellationToken);
}
