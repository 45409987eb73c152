using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Carries messages of a file into the store: decodes the next batch while the one before it is committed.
/// </summary>
/// <param name="writer">The store; null to read and count only.</param>
/// <param name="directory">Who is known.</param>
/// <param name="time">Our own time.</param>
sealed class Import(StoreWriter? writer, WearerDirectory directory, TimeProvider time)
{
    const int BatchMessages = 2_000;
    const int BatchBytes = 4 << 20;

    readonly WireDecoder _decoder = new();

    public ImportTally Tally { get; } = new(dryRun: writer is null);

    /// <summary>Ends early, and says so in the tally, when it is cancelled: a batch is kept whole.</summary>
    public async Task RunAsync(IEnumerable<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var (batch, bytes) = (new List<Arrival>(BatchMessages), 0);
        var committing = Task.CompletedTask;
        foreach (var delivery in deliveries)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Tally.Stopped = true;
                break;
            }

            batch.Add(Read(delivery));
            bytes += delivery.Payload.Length;
            if (batch.Count < BatchMessages && bytes < BatchBytes)
                continue;
            await committing;
            committing = CommitAsync(batch);
            (batch, bytes) = (new List<Arrival>(BatchMessages), 0);
        }

        await committing;
        if (!Tally.Stopped)
            await CommitAsync(batch);
        Tally.Seconds = time.GetElapsedTime(began).TotalSeconds;
    }

    Arrival Read(Delivery delivery) => Arrival.Of(delivery,
        _decoder.Decode(delivery.Topic, delivery.Payload, delivery.Received, DecodeLimits.AnyTime),
        directory);

    // Not cancelled: what was begun is finished, so that what is told is what is there.
    async Task CommitAsync(List<Arrival> batch)
    {
        var outcomes = writer is null ? [.. batch.Select(arrival => arrival.Foretell())]
            : await writer.RunAsync(session => Appending.Run(session, batch), CancellationToken.None);
        for (var i = 0; i < batch.Count; i++)
            Tally.Add(batch[i], outcomes[i]);
    }
}
