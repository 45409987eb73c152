using System.Runtime.InteropServices;
using SpasmStream.Worker;

namespace SpasmStream.SystemTests.Support;

/// <summary>Takes deliveries where the corridor would, and acknowledges them when the test says so.</summary>
sealed class Sink(DeliveryQueue queue)
{
    readonly IAsyncEnumerator<List<Delivery>> _batches =
        queue.ReadBatchesAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();

    readonly Queue<Delivery> _waiting = [];

    /// <summary>The next so many, held until they are acknowledged.</summary>
    public async Task<List<Delivery>> TakeAsync(int count)
    {
        while (_waiting.Count < count)
        {
            Assert.True(await _batches.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20)),
                $"Waited in vain for {count} deliveries.");
            _batches.Current.ForEach(_waiting.Enqueue);
        }

        return [.. Enumerable.Range(0, count).Select(_ => _waiting.Dequeue())];
    }

    /// <summary>As after their commit.</summary>
    public void Acknowledge(List<Delivery> batch)
    {
        Delivery.AcknowledgeAll(CollectionsMarshal.AsSpan(batch), new DeliveryOutcome[batch.Count]);
        queue.Release(batch);
    }

    public async Task TakeAndAcknowledgeAsync(int count) => Acknowledge(await TakeAsync(count));
}
