using System.Collections.Concurrent;

namespace SpasmStream.Worker.Web;

/// <summary>Whether the process lives and is ready, as two booleans that name nobody.</summary>
sealed class Health(TimeProvider time)
{
    readonly ConcurrentDictionary<string, Heartbeat> _beats = [];
    volatile bool _isReady;

    /// <summary>Set once the store is open and the broker link stands, unset when either goes.</summary>
    public bool IsReady
    {
        get => _isReady && IsLive;
        set => _isReady = value;
    }

    /// <summary>False when a loop has missed its heartbeat.</summary>
    public bool IsLive => _beats.Values.All(beat => time.GetElapsedTime(beat.At) <= beat.Limit);

    /// <summary>Tells that a loop goes round; it is expected again within <paramref name="limit"/>.</summary>
    public void Beat(string loop, TimeSpan limit) => _beats[loop] = new Heartbeat(time.GetTimestamp(), limit);

    readonly record struct Heartbeat(long At, TimeSpan Limit);
}
