namespace SpasmStream.Worker.Store;

/// <summary>How near the store is to what it may hold.</summary>
enum DiskState
{
    Normal,

    /// <summary>From 70 percent of the limit.</summary>
    Warning,

    /// <summary>From 95 percent: nothing is taken in.</summary>
    Full,
}

/// <summary>The room there is, in bytes.</summary>
/// <param name="Held">What rows and the log of commits take.</param>
/// <param name="Free">What is free on the disk, and inside the file after rows have gone.</param>
readonly record struct DiskSpace(long Held, long Free);

/// <summary>
/// Watches the disk, and what waits to be forwarded (D7). The limit of the disk is of what the store holds
/// and what is free, not of the whole disk: what other programs fill is not ours to use, and not our doing
/// either.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="measure">Asks the disk; null when it cannot be asked.</param>
/// <param name="backlog">Asks what waits; null when it cannot be asked, or nothing is forwarded.</param>
sealed class DiskGauge(
    StoreOptions options, Func<DiskSpace?> measure, Func<ForwardBacklog?>? backlog = null)
{
    const double WarnAt = 0.70, FullAt = 0.95;

    // A state is left only well below where it is entered, or the doors would flap.
    const double Margin = 0.05;

    volatile int _state;
    double _fullness;
    double _waiting;
    long _held;
    long _limit;

    public DiskState State => (DiskState)_state;

    /// <summary>The share of the disk's limit that is taken, as last measured.</summary>
    public double Fullness => Volatile.Read(ref _fullness);

    /// <summary>The share that is taken of what may wait to be forwarded.</summary>
    public double Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether what waits to be forwarded is nearer to its limit than the disk.</summary>
    public bool IsOfWaiting => Waiting > Fullness;

    /// <summary>Bytes held, as last measured.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Bytes that may still come before the store is full.</summary>
    public long Left => Math.Max(0, (long)(FullAt * Volatile.Read(ref _limit)) - Held);

    /// <summary>Measures, and tells the state; what cannot be measured stays as it was.</summary>
    public DiskState Look()
    {
        if (measure() is { } space)
        {
            var limit = LimitOf(space);
            Volatile.Write(ref _limit, Math.Max(0, limit));
            Volatile.Write(ref _held, space.Held);
            Volatile.Write(ref _fullness, limit <= 0 ? 1 : Math.Min(1, space.Held / (double)limit));
        }

        if (backlog?.Invoke() is { } waits)
            Volatile.Write(ref _waiting, Math.Min(1, waits.ShareOf(options)));
        _state = (int)Next(State, Math.Max(Fullness, Waiting));
        return State;
    }

    long LimitOf(DiskSpace space)
    {
        var all = space.Held + space.Free;
        return Math.Min((long)(all * (options.DiskPercent / 100.0)),
            all - options.MinimumFreeMebibytes * 1024L * 1024);
    }

    static DiskState Next(DiskState state, double fullness) =>
        fullness >= FullAt || (state == DiskState.Full && fullness >= FullAt - Margin) ? DiskState.Full
        : fullness >= WarnAt || (state != DiskState.Normal && fullness >= WarnAt - Margin)
            ? DiskState.Warning
        : DiskState.Normal;
}
