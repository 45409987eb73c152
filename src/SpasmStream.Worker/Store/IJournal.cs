namespace SpasmStream.Worker.Store;

/// <summary>
/// What the corridor and the forwarder need of durable storage: the one SQLite file, or a model of a disk
/// that forgets what was not synced when it crashes.
/// </summary>
interface IJournal
{
    /// <summary>
    /// Keeps a batch of deliveries, and what was dropped, in one commit; one outcome a delivery, in order,
    /// once that commit is on the disk. It tries again without end while the disk refuses.
    /// </summary>
    Task<DeliveryOutcome[]> AppendAsync(
        IReadOnlyList<Arrival> arrivals, Drops dropped, CancellationToken cancellationToken);

    /// <summary>
    /// What is committed and not yet forwarded, oldest first, about that many points; null when nothing is.
    /// Asked again before <see cref="ForwardedAsync"/> is called it gives the same again; from that call on,
    /// also while it is not yet done, what follows.
    /// </summary>
    Task<ForwardBatch?> TakeAsync(int points, CancellationToken cancellationToken);

    /// <summary>
    /// The other side has all of a batch but what it refused, which becomes dead letters in the same commit.
    /// One call at a time.
    /// </summary>
    Task ForwardedAsync(
        ForwardBatch batch, IReadOnlyList<RefusedPoint> refused, CancellationToken cancellationToken);
}
