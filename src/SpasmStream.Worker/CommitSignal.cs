namespace SpasmStream.Worker;

/// <summary>Tells whoever sends committed rows on that there are new ones.</summary>
sealed class CommitSignal : IDisposable
{
    readonly SemaphoreSlim _signal = new(0, 1);

    /// <summary>Something was committed.</summary>
    public void Set()
    {
        try
        {
            if (_signal.CurrentCount == 0)
                _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else told it first.
        }
    }

    /// <summary>Waits until something is committed, but no longer than told.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await _signal.WaitAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It took too long.
        }
    }

    public void Dispose() => _signal.Dispose();
}
