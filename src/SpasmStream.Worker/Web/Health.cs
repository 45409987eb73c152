namespace SpasmStream.Worker.Web;

/// <summary>Whether the process lives and is ready, as two booleans that name nobody.</summary>
sealed class Health(Heartbeats heartbeats)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    volatile bool _isReady;

    /// <summary>Set once the store is open and the broker link stands, unset when either goes.</summary>
    public bool IsReady
    {
        get => _isReady && IsLive;
        set => _isReady = value;
    }

    /// <summary>
    /// False when a loop has missed its heartbeat. It is asked of the beats themselves: whoever would pass
    /// them on could be what stands still.
    /// </summary>
    public bool IsLive => Stuck is null;

    /// <summary>A loop that has missed its heartbeat; null for none.</summary>
    public string? Stuck => heartbeats.All.FirstOrDefault(beat => beat.Since > Limit).Loop;
}
