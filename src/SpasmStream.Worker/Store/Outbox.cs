using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>An announcement on its way to a channel.</summary>
/// <param name="Key">The same however often it is sent.</param>
/// <param name="Channel">Where to.</param>
/// <param name="Wearer">About whom.</param>
/// <param name="Pseudonym">The name by which the wearer leaves the house.</param>
/// <param name="Announcement">What is to be told.</param>
/// <param name="Attempts">How often it was tried before.</param>
/// <param name="Expires">After this it is no longer news.</param>
sealed record OutboxRow(
    string Key, string Channel, WearerId Wearer, string Pseudonym, Announcement Announcement, int Attempts,
    Instant Expires);

/// <summary>
/// What has to go out, and what became of it. A row is <c>pending</c>, then <c>sending</c> under a lease,
/// then <c>delivered</c> or <c>pending</c> again; at its end it is <c>expired</c>, and <c>late</c> when it
/// was over before it was known.
/// </summary>
sealed class Outbox(StoreFile file, StoreWriter writer)
{
    /// <summary>A row that is being sent for longer than this is nobody's any more.</summary>
    public static readonly Duration Lease = Duration.FromSeconds(30);

    /// <summary>What is due on a channel, oldest first.</summary>
    public IReadOnlyList<OutboxRow> Due(string channel, Instant now)
    {
        using var reader = file.OpenReader();
        return reader.Query<(string Key, string Wearer, string Pseudonym, string Announcement, long Attempts,
            long Expires)>("""
            SELECT key, wearer.name, pseudonym, announcement, attempts, expires FROM outbox
            JOIN wearer ON wearer.id=outbox.wearer
            WHERE state IN ('pending', 'sending') AND channel=@channel AND next<=@now AND expires>@now
            ORDER BY outbox.created, key LIMIT 200
            """, new { channel, now = Ms.Of(now) })
            .Select(row => new OutboxRow(row.Key, channel, new WearerId(row.Wearer), row.Pseudonym,
                Json.Read<Announcement>(row.Announcement), (int)row.Attempts, Ms.ToInstant(row.Expires)))
            .ToList();
    }

    /// <summary>Before it is sent: whoever dies now leaves a row that is due again after the lease.</summary>
    public Task ClaimAsync(OutboxRow row, Instant now, CancellationToken cancellationToken) => SetAsync(row,
        "state='sending', attempts=attempts+1, next=$t", now + Lease, cancellationToken);

    /// <summary>The receiver has it, whatever else happened to the row meanwhile.</summary>
    public Task DeliveredAsync(
        OutboxRow row, Instant at, string? receipt, CancellationToken cancellationToken) =>
        SetAsync(row, "state='delivered', done=$t, receipt=$r", at, cancellationToken, ("$r", receipt));

    /// <summary>Not before then; a row that expired meanwhile stays expired.</summary>
    public Task RetryAsync(OutboxRow row, Instant next, CancellationToken cancellationToken) => SetAsync(row,
        "next=$t, state=CASE state WHEN 'sending' THEN 'pending' ELSE state END", next, cancellationToken);

    /// <summary>
    /// Makes due what an earlier run was sending when it ended: no other process sends for this store.
    /// </summary>
    public Task ReleaseAsync(string channel, CancellationToken cancellationToken) =>
        writer.RunAsync(session => session.Execute(
            "UPDATE outbox SET state='pending', next=0 WHERE state='sending' AND channel=$c",
            ("$c", channel)), cancellationToken);

    /// <summary>
    /// Ends what is no longer news on any channel, also on one that nobody serves any more; how much on
    /// which.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, int>> ExpireAsync(
        Instant now, CancellationToken cancellationToken)
    {
        const string Over = "state IN ('pending', 'sending') AND expires<=@now";
        Dictionary<string, int> ended;
        using (var reader = file.OpenReader())
            ended = reader.Query<(string Channel, long Count)>(
                $"SELECT channel, count(*) FROM outbox WHERE {Over} GROUP BY channel",
                new { now = Ms.Of(now) }).ToDictionary(row => row.Channel, row => (int)row.Count);
        if (ended.Count > 0)
            await writer.RunAsync(session => session.Execute(
                $"UPDATE outbox SET state='expired', done=@now WHERE {Over}", ("@now", Ms.Of(now))),
                cancellationToken);
        return ended;
    }

    Task<int> SetAsync(OutboxRow row, string what, Instant time, CancellationToken cancellationToken,
        params (string Name, object? Value)[] more) =>
        writer.RunAsync(session => session.Execute(
            $"UPDATE outbox SET {what} WHERE key=$k AND channel=$c",
            [("$t", Ms.Of(time)), ("$k", row.Key), ("$c", row.Channel), .. more]), cancellationToken);
}
