using Microsoft.Extensions.Options;
using SpasmStream.Core.Signals;
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
    DeliveryQueue queue, WireDecoder decoder, WearerDirectory wearers, StoreWriter store, AssessQueue assess,
    IOptions<IntakeOptions> options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var batch in queue.ReadBatchesAsync(stoppingToken))
        {
            var arrivals = batch.ConvertAll(Read);

            // Durable first. A commit that has begun is waited for, stopping or not: it is half a breath long.
            // Drops are taken here and not inside, where a commit that fails would forget them.
            var dropped = queue.TakeDropped();
            var outcomes = await store.RunAsync(session => Keep(session, arrivals, dropped), stoppingToken);

            for (var i = 0; i < batch.Count; i++)
                batch[i].Acknowledge(outcomes[i]);      // Then the broker may forget,
            queue.Release(batch);

            await assess.AddAsync(arrivals, stoppingToken);   // and only then do we look at what it means.
        }
    }

    Arrival Read(Delivery delivery)
    {
        var limits = options.Value.Replay ? DecodeLimits.AnyTime : DecodeLimits.Live;
        var decoded = decoder.Decode(delivery.Topic, delivery.Payload, delivery.Received, limits);
        if (delivery.TooManyProperties)
            decoded = decoded.Refuse(Reasons.Properties, "More than 32 user properties.");
        else if (decoded.Wearer is { } wearer && !wearers.Admits(wearer))
            decoded = decoded.Refuse(Reasons.Unauthorised, "This wearer is not listed; add it to Wearers.");
        return new Arrival(delivery, decoded, Ignored: delivery.Retained && !decoded.HasOwnInstant);
    }

    static DeliveryOutcome[] Keep(WriteSession session, List<Arrival> arrivals, long dropped)
    {
        session.Count(Counter.DroppedQos0, dropped);
        return Appending.Run(session, arrivals);
    }
}
