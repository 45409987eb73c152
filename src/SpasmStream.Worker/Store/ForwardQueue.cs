using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>A message that says a sample: what a dead letter of it holds.</summary>
readonly record struct SampleMessage(string Topic, byte[] Payload);

/// <summary>Writes the message of a sample.</summary>
delegate SampleMessage WriteSample(WearerId wearer, Sample sample);

/// <summary>
/// Hands out what is to be forwarded, batch by batch, and notes what was. For one forwarder.
/// </summary>
/// <remarks>
/// What was here before the target is told in slices, in turn with the journal, so that neither waits for the
/// other. That never leaves an old value standing: batches go one after the other, and each says what stood
/// when it was read or committed. Take the last change of an identity, and the row the journal has of it. A
/// slice that is read after that row was taken sees the change, and says it too; a slice that was taken
/// before is overwritten when the row comes. So do older rows of the journal, whose values are overwritten by
/// the row itself. After a crash some of it is told again, from an earlier point, in the same order; so do
/// rows that waited for another target.
/// </remarks>
sealed class ForwardQueue(StoreFile file, StoreWriter writer, ReadEntry read, WriteSample write) : IDisposable
{
    ForwardReader? _reader;
    ForwardTaken? _taken;
    long _handedOver;
    Task _marking = Task.CompletedTask;
    Task _lastMark = Task.CompletedTask;
    bool _isSliceNext;

    public async Task<ForwardBatch?> TakeAsync(int points, CancellationToken cancellationToken)
    {
        await _marking;
        while (_taken is null or { Batch.Points: 0 })
        {
            // What turned out to say nothing is done with: a day without attack, a wearer who was erased.
            if (_taken is { } empty)
                await ForwardedAsync(empty.Batch, [], cancellationToken);
            if ((_taken = Next(points)) is null)
                return null;
        }

        return _taken.Batch;
    }

    public async Task ForwardedAsync(
        ForwardBatch batch, IReadOnlyList<RefusedPoint> refused, CancellationToken cancellationToken)
    {
        if (_taken is not { } taken || !ReferenceEquals(taken.Batch, batch))
            throw new InvalidOperationException("Only what was taken last can have been forwarded.");
        var marking = MarkAsync(_lastMark, taken, refused, cancellationToken);
        // What follows rows of the journal is known before they are gone. Where a slice ends is read from the
        // file, and what was refused is written out of the batch: those are waited for.
        if (taken.Next is null)
            _handedOver = batch.UpTo;
        _lastMark = marking;
        _marking = taken.Next is null && refused.Count == 0 ? Task.CompletedTask : marking;
        _taken = null;
        await marking;
    }

    public void Dispose() => _reader?.Dispose();

    // One after the other: while a mark is tried again that the file would not take, its rows are still here,
    // and the next one would take them for its own.
    async Task MarkAsync(Task before, ForwardTaken taken, IReadOnlyList<RefusedPoint> refused,
        CancellationToken cancellationToken)
    {
        await before;
        await writer.RunAsync(session =>
        {
            ForwardMark.Write(session, taken, refused, write);
            return true;
        }, cancellationToken);
    }

    ForwardTaken? Next(int points)
    {
        _reader ??= new ForwardReader(file, read);
        if (_reader.Place is not { } place)
            return null;
        var isSlice = _isSliceNext && place.Step < WalkStep.Done;
        _isSliceNext = !isSlice;
        return isSlice ? _reader.Slice(place, points)
            : _reader.Journal(_handedOver, points)
                ?? (place.Step < WalkStep.Done ? _reader.Slice(place, points) : null);
    }
}
