using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>A journal that forgets what was forwarded and keeps what was refused.</summary>
sealed class MemoryJournal : IJournal
{
    readonly Lock _gate = new();
    readonly List<ForwardSample> _samples = [];
    readonly List<(ForwardSample Sample, RefusedPoint Why)> _refused = [];
    ForwardBatch? _taken;
    long _forwarded;

    public long Forwarded => Interlocked.Read(ref _forwarded);

    public int Batches { get; private set; }

    public int Waiting
    {
        get
        {
            lock (_gate)
                return _samples.Count;
        }
    }

    public IReadOnlyList<(ForwardSample Sample, RefusedPoint Why)> Refused
    {
        get
        {
            lock (_gate)
                return [.. _refused];
        }
    }

    public void Add(IEnumerable<ForwardSample> samples)
    {
        lock (_gate)
            _samples.AddRange(samples);
    }

    public Task<DeliveryOutcome[]> AppendAsync(
        IReadOnlyList<Arrival> arrivals, Drops dropped, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Only what is added is in here.");

    public Task<ForwardBatch?> TakeAsync(int points, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return Task.FromResult(_taken ??= _samples.Count == 0 ? null
                : new ForwardBatch(_forwarded + 1, [.. _samples.Take(points)], []));
    }

    public Task ForwardedAsync(
        ForwardBatch batch, IReadOnlyList<RefusedPoint> refused, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Assert.Same(_taken, batch);
            _refused.AddRange(refused.Select(point => (batch.Samples[point.Index], point)));
            _samples.RemoveRange(0, batch.Samples.Count);
            _taken = null;
            Batches++;
            Interlocked.Add(ref _forwarded, batch.Points);
        }

        return Task.CompletedTask;
    }
}
