namespace SpasmStream.Worker.Store;

/// <summary>The journal in the one file.</summary>
sealed class SqliteJournal(StoreWriter writer) : IJournal
{
    public Task<DeliveryOutcome[]> AppendAsync(
        IReadOnlyList<Arrival> arrivals, Drops dropped, CancellationToken cancellationToken) =>
        writer.RunAsync(session =>
        {
            Dropping.Write(session, dropped);
            return Appending.Run(session, arrivals);
        }, cancellationToken);

    public Task<ForwardBatch?> TakeAsync(int points, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Nothing is forwarded yet.");

    public Task ForwardedAsync(
        ForwardBatch batch, IReadOnlyList<RefusedPoint> refused, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Nothing is forwarded yet.");
}
