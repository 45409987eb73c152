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
/// Watches the disk (D7). The limit is of what the store holds and what is free, not of the whole disk: what
/// other programs fill is not ours to use, and not our doing either.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="measure">Asks the disk; null when it cannot be asked.</param>
sealed class DiskGauge(StoreOptions options, Func<DiskSpace?> measure)
{
    const double WarnAt = 0.70, FullAt = 0.95;

    // A state is left only well below where it is entered, or the doors would flap.
    const double Margin = 0.05;

    volatile int _state;
    double _fullness;
    long _held;
    long _limit;

    public DiskState State => (DiskState)_state;

    /// <summary>The share of the limit that is taken, as last measured.</summary>
    public double Fullness => Volatile.Read(ref _fullness);

    /// <summary>Bytes held, as last measured.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Bytes that may still come before the store is full.</summary>
    public long Left => Math.Max(0, (long)(FullAt * Volatile.Read(ref _limit)) - Held);

    /// <summary>Measures, and tells the state; without a measurement it stays as it is.</summary>
    public DiskState Look()
    {
        if (measure() is not { } space)
            return State;
        var limit = LimitOf(space);
        var fullness = limit <= 0 ? 1 : Math.Min(1, space.Held / (double)limit);
        Volatile.Write(ref _limit, Math.Max(0, limit));
        Volatile.Write(ref _held, space.Held);
        Volatile.Write(ref _fullness, fullness);
        _state = (int)Next(State, fullness);
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
