using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Simulation;

/// <summary>The journal as one life of the worker sees it.</summary>
sealed class JournalDoor(World world, Life life) : IJournal
{
    long _handedOver;

    public Task<DeliveryOutcome[]> AppendAsync(
        IReadOnlyList<Arrival> arrivals, Drops dropped, CancellationToken cancellationToken)
    {
        Arrival[] batch = [.. arrivals];
        return world.Disk.CommitAsync(life, () =>
        {
            world.Book.Hear(batch);
            return world.Kept.Append(batch, dropped);
        }, cancellationToken);
    }

    public Task<ForwardBatch?> TakeAsync(int points, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<ForwardBatch?>();
        world.Scheduler.After(TimeSpan.FromMilliseconds(world.Numbers.NextDouble()), () =>
        {
            if (life.HasEnded)
                return;
            var batch = world.Kept.Take(_handedOver, points);
            world.Scheduler.Note(SimEvent.Taken, batch?.UpTo ?? -1, batch?.Points ?? 0);
            done.TrySetResult(batch);
        });
        return done.Task;
    }

    public Task ForwardedAsync(
        ForwardBatch batch, IReadOnlyList<RefusedPoint> refused, CancellationToken cancellationToken)
    {
        _handedOver = batch.UpTo;
        return world.Disk.CommitAsync(life, () =>
        {
            world.Scheduler.Note(SimEvent.Marked, batch.UpTo, refused.Count);
            return world.Kept.Mark(batch, refused);
        }, cancellationToken);
    }
}
