namespace SpasmStream.Tests.Simulation;

/// <summary>
/// What a broker keeps for one client: what was not yet sent, what was and is not acknowledged, in order.
/// </summary>
sealed class ModelSession
{
    readonly List<Outgoing> _inFlight = [];
    readonly SortedSet<ushort> _used = [];

    public Queue<SentMessage> Waiting { get; } = [];

    /// <summary>What it is subscribed to.</summary>
    public HashSet<string> Filters { get; } = [];

    /// <summary>When it ends while nobody is connected, in ticks; null while somebody is.</summary>
    public long? EndsAt { get; set; }

    public IReadOnlyList<Outgoing> InFlight => _inFlight;

    public bool IsEmpty => Waiting.Count == 0 && _inFlight.Count == 0;

    /// <summary>The next message with the lowest free packet id: ids come again soon.</summary>
    public Outgoing Send(bool retained = false)
    {
        var message = Waiting.Dequeue();
        ushort id = 1;
        while (_used.Contains(id))
            id++;
        _used.Add(id);
        var outgoing = new Outgoing(message, id, retained, Dup: false);
        _inFlight.Add(outgoing);
        return outgoing;
    }

    /// <summary>The client has it: its packet id is free again.</summary>
    public bool Release(ushort packetId)
    {
        var place = _inFlight.FindIndex(it => it.PacketId == packetId);
        if (place < 0)
            return false;
        _inFlight.RemoveAt(place);
        _used.Remove(packetId);
        return true;
    }

    public IEnumerable<SentMessage> Everything() => _inFlight.Select(it => it.Message).Concat(Waiting);
}

/// <summary>A message on its way to the client.</summary>
readonly record struct Outgoing(SentMessage Message, ushort PacketId, bool Retained, bool Dup);
