namespace SpasmStream.Tests.Simulation;

/// <summary>
/// A disk with one commit at a time: written, then synced, then told. What was not synced may be gone after a
/// crash, what was synced is there, told or not.
/// </summary>
sealed class ModelDisk(SeededScheduler scheduler, SeededNumbers numbers, SimPlan plan, Chaos chaos)
{
    static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);

    readonly List<Commit> _waiting = [];
    Commit? _running;
    bool _isFull;
    long _freeSince = long.MinValue / 2;

    /// <summary>Whether it takes nothing, or has not yet taken what waited for it.</summary>
    public bool IsOrWasFull => _isFull || scheduler.Now - _freeSince < Recovery.Ticks;

    public bool IsIdle => _running is null && _waiting.Count == 0;

    /// <summary>While it is full nothing is committed, and whoever waits goes on waiting.</summary>
    public bool IsFull
    {
        get => _isFull;
        set
        {
            if (_isFull)
                _freeSince = scheduler.Now;
            _isFull = value;
            scheduler.Note(value ? SimEvent.DiskFull : SimEvent.DiskFree);
            Begin();
        }
    }

    /// <summary>Completes after the sync of a commit in which that was done, for a living life.</summary>
    public Task<T> CommitAsync<T>(Life life, Func<T> apply, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>();
        if (life.HasEnded)
            return done.Task;
        T result = default!;
        var commit = new Commit(life, () => result = apply(), () => done.TrySetResult(result));
        // One that waited in vain for its turn is not begun.
        cancellationToken.Register(() =>
        {
            if (_waiting.Remove(commit))
                done.TrySetCanceled(cancellationToken);
        });
        _waiting.Add(commit);
        Begin();
        return done.Task;
    }

    /// <summary>A process has died, or with it the machine's power.</summary>
    public void Forget(Life life, bool powerLost)
    {
        _waiting.RemoveAll(commit => commit.Life == life);
        if (_running is not { } running || running.Life != life)
            return;
        _running = null;
        // The system may have had all of it and write it in its own time; without power it is gone.
        var isLost = powerLost || numbers.Next(2) == 0;
        scheduler.Note(isLost ? SimEvent.CommitLost : SimEvent.CommitSynced);
        if (!isLost)
            running.Apply();
    }

    void Begin()
    {
        if (_running is not null || _isFull || _waiting.Count == 0)
            return;
        var commit = _running = _waiting[0];
        _waiting.RemoveAt(0);
        scheduler.Note(SimEvent.CommitBegins);
        var longest = TimeSpan.FromMilliseconds(plan.SyncMs);
        scheduler.After(numbers.Between(longest / 10, longest), () => Sync(commit));
        chaos.Pass(commit.Life);
    }

    void Sync(Commit commit)
    {
        if (_running != commit)
            return;
        _running = null;
        if (_isFull)
        {
            _waiting.Insert(0, commit);
            return;
        }

        commit.Apply();
        scheduler.Note(SimEvent.CommitSynced);
        if (!chaos.Pass(commit.Life))
            scheduler.After(TimeSpan.FromMilliseconds(numbers.NextDouble()), () => Tell(commit));
        Begin();
    }

    void Tell(Commit commit)
    {
        if (commit.Life.HasEnded)
            return;
        scheduler.Note(SimEvent.CommitTold);
        commit.Told();
    }

    sealed record Commit(Life Life, Action Apply, Action Told);
}
