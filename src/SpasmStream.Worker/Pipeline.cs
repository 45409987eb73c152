using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker;

/// <summary>The corridor: everything that happens to a delivery, in order.</summary>
/// <remarks>
/// <code>
/// Intake ─┐                                  ┌─▶ acknowledge
///         ├─▶ queue ─▶ decode ─▶ one commit ─┤
/// Broker ─┘                                  └─▶ assess ─▶ outbox ─▶ Notify
/// </code>
/// </remarks>
sealed class Pipeline(
    DeliveryQueue queue, WireDecoder decoder, WearerDirectory wearers, IJournal journal, AssessQueue assess,
    CommitSignal committed, IOptions<IntakeOptions> options, Heartbeats heartbeats) : BackgroundService
{
    const string Loop = "pipeline";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var batches = queue.ReadBatchesAsync(stoppingToken).GetAsyncEnumerator(stoppingToken);
            while (await heartbeats.WaitAsync(Loop, batches.MoveNextAsync().AsTask()))
                await CarryAsync(batches.Current, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is crashing politely: what is not committed is not acknowledged, and comes again.
            Failpoint.Hit("during_shutdown");
        }
    }

    async Task CarryAsync(List<Delivery> batch, CancellationToken stoppingToken)
    {
        var arrivals = batch.ConvertAll(Read);
        var dropped = queue.TakeDropped();

        Failpoint.Hit("before_commit");
        var commit = journal.AppendAsync(arrivals, dropped, stoppingToken);  // Durable first,
        var outcomes = await heartbeats.WaitAsync(Loop, commit);
        Failpoint.Hit("before_ack");

        // then the broker may forget,
        Delivery.AcknowledgeAll(CollectionsMarshal.AsSpan(batch), outcomes);
        queue.Release(batch);
        Failpoint.Hit("after_ack");
        committed.Set();

        assess.Add(arrivals, outcomes);                 // and only then do we look at what it means.
    }

    Arrival Read(Delivery delivery)
    {
        var limits = options.Value.Replay
            ? DecodeLimits.AnyTime : DecodeLimits.Live.AlsoBy(delivery.Ahead);
        var decoded = decoder.Decode(delivery.Topic, delivery.Payload, delivery.Received, limits);
        return Arrival.Of(delivery, decoded, wearers);
    }
}
