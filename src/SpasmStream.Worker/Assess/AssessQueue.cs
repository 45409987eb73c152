using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>What was committed of one wearer since somebody last asked.</summary>
/// <param name="Replayed">The newest receipt that a sender stated and that left something new; null for
/// none.</param>
/// <param name="Live">The newest receipt on our own clock; null for none.</param>
/// <param name="HasEntries">Whether there are nights or diary entries among it.</param>
readonly record struct News(Instant? Replayed, Instant? Live, bool HasEntries);

/// <summary>
/// From the commit to the assessment: one slot a wearer, so that it neither grows nor makes anybody wait.
/// </summary>
sealed class AssessQueue : IDisposable
{
    readonly Lock _gate = new();
    readonly SemaphoreSlim _signal = new(0, 1);
    Dictionary<WearerId, News> _news = [];

    /// <summary>
    /// Tells of a committed batch. A replay's time is that of what it left here, so that the file alone can
    /// tell it again; on our own clock any sign of life is news.
    /// </summary>
    public void Add(List<Arrival> arrivals, DeliveryOutcome[] outcomes)
    {
        lock (_gate)
        {
            for (var i = 0; i < arrivals.Count; i++)
            {
                var (delivery, decoded, ignored) = arrivals[i];
                if (ignored || outcomes[i].Reason is not null || decoded.Wearer is not { } wearer
                    || (delivery.Replayed && !outcomes[i].IsNews))
                    continue;
                var seen = _news.GetValueOrDefault(wearer);
                var hasEntries = seen.HasEntries || decoded.Entries.Count > 0;
                _news[wearer] = delivery.Replayed
                    ? new News(Later(seen.Replayed, delivery.Received), seen.Live, hasEntries)
                    : new News(seen.Replayed, Later(seen.Live, delivery.Received), hasEntries);
            }

            if (_news.Count > 0 && _signal.CurrentCount == 0)
                _signal.Release();
        }
    }

    /// <summary>Waits for news, but no longer than told.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            await _signal.WaitAsync(longest, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping: whoever waits looks at the token next.
        }
    }

    /// <summary>All news since the last call.</summary>
    public Dictionary<WearerId, News> Take()
    {
        lock (_gate)
        {
            var taken = _news;
            _news = [];
            return taken;
        }
    }

    public void Dispose() => _signal.Dispose();

    static Instant Later(Instant? seen, Instant received) => seen > received ? seen.Value : received;
}
