namespace SpasmStream.Worker;

/// <summary>Tells whoever sends committed rows on that there are new ones.</summary>
sealed class CommitSignal
{
    TaskCompletionSource _news = Unheard();
    Task? _heard;

    /// <summary>Something was committed.</summary>
    public void Set() => Volatile.Read(ref _news).TrySetResult();

    /// <summary>Waits until something is committed, but no longer than told. For one at a time.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        _heard ??= HearAsync(_news.Task);
        var wait = _heard.WaitAsync(longest, time, cancellationToken);
        await wait.ConfigureAwait(
            ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        // That nothing was committed is nothing to tell.
        _ = wait.Exception;
        if (!_heard.IsCompleted)
            return;
        _heard = null;
        Volatile.Write(ref _news, Unheard());
    }

    // Awaited here, so that whoever waits goes on where it runs and not where something was committed.
    static async Task HearAsync(Task news) => await news;

    static TaskCompletionSource Unheard() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
