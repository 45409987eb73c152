namespace SpasmStream.Worker.Store;

/// <summary>The journal in the one file.</summary>
/// <param name="writer">Its writer.</param>
/// <param name="forward">What is to be forwarded; null where nobody forwards.</param>
/// <param name="caps">Told of names too many; null where nobody writes that down.</param>
sealed class SqliteJournal(StoreWriter writer, ForwardQueue? forward = null, CapEvents? caps = null)
    : IJournal
{
    public async Task<DeliveryOutcome[]> AppendAsync(
        IReadOnlyList<Arrival> arrivals, Drops dropped, CancellationToken cancellationToken)
    {
        var outcomes = await writer.RunAsync(session =>
        {
            Dropping.Write(session, dropped);
            return Appending.Run(session, arrivals);
        }, cancellationToken);
        caps?.Note(outcomes);
        return outcomes;
    }

    public Task<ForwardBatch?> TakeAsync(int points, CancellationToken cancellationToken) =>
        forward?.TakeAsync(points, cancellationToken) ?? Task.FromResult<ForwardBatch?>(null);

    public Task ForwardedAsync(
        ForwardBatch batch, IReadOnlyList<RefusedPoint> refused, CancellationToken cancellationToken) =>
        forward?.ForwardedAsync(batch, refused, cancellationToken)
            ?? throw new InvalidOperationException("This journal forwards nothing.");
}
