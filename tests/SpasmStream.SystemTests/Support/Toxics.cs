namespace SpasmStream.SystemTests.Support;

/// <summary>What befalls the bytes of one direction; switched while they flow.</summary>
sealed class Toxics
{
    // Read by the lines while a test writes: each alone, and at the next bytes at the latest.
    readonly Lock _gate = new();
    TaskCompletionSource? _hole;
    long _cutAfter = -1;
    long _flipAt = -1;
    volatile int _latency;
    volatile int _jitter;
    volatile int _bytesPerSecond;
    volatile bool _oneByte;

    /// <summary>Milliseconds on the way; bytes that are on it already keep theirs.</summary>
    public int Latency { get => _latency; set => _latency = value; }

    /// <summary>At most so many milliseconds more; nothing is ever overtaken.</summary>
    public int Jitter { get => _jitter; set => _jitter = value; }

    /// <summary>No limit where it is 0.</summary>
    public int BytesPerSecond { get => _bytesPerSecond; set => _bytesPerSecond = value; }

    /// <summary>Every byte is handed on alone.</summary>
    public bool OneByte { get => _oneByte; set => _oneByte = value; }

    /// <summary>
    /// The byte of a connection after which it is reset, from 1, once; then, and at first, -1 for none.
    /// </summary>
    public long CutAfter
    {
        get => Volatile.Read(ref _cutAfter);
        set => Volatile.Write(ref _cutAfter, value);
    }

    /// <summary>The byte of each connection in which a bit is turned over, from 0; -1 for none.</summary>
    public long FlipAt
    {
        get => Volatile.Read(ref _flipAt);
        set => Volatile.Write(ref _flipAt, value);
    }

    /// <summary>Nothing comes through and nobody is told, until it is switched off again.</summary>
    public bool Blackhole
    {
        get
        {
            lock (_gate)
                return _hole is not null;
        }
        set
        {
            TaskCompletionSource? over = null;
            lock (_gate)
            {
                if (value)
                    _hole ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                else
                    (over, _hole) = (_hole, null);
            }

            over?.SetResult();
        }
    }

    /// <summary>Completes when bytes come through.</summary>
    public Task ThroughAsync()
    {
        lock (_gate)
            return _hole?.Task ?? Task.CompletedTask;
    }
}
