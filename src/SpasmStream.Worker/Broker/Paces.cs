using System.Collections.Concurrent;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The pace of every client, kept over its connections: to come again is no way to a new burst.
/// </summary>
sealed class Paces(BrokerOptions options, TimeProvider time)
{
    const int KeptMax = 1_024;

    readonly ConcurrentDictionary<string, Pace> _paces = new(StringComparer.Ordinal);

    /// <summary>How many are remembered.</summary>
    public int Count => _paces.Count;

    /// <summary>The pace of a client; null when there is none to keep.</summary>
    public Pace? Of(string clientId)
    {
        if (options is { MessagesPerSecond: 0, BytesPerSecond: 0 })
            return null;
        // Who has rested is as good as forgotten. What is left is bounded by what a client can open: each
        // needs ten seconds' worth of its account's connections.
        if (_paces.Count >= KeptMax)
            foreach (var (id, pace) in _paces)
                if (pace.IsFull)
                    _paces.TryRemove(id, out _);
        return _paces.GetOrAdd(clientId,
            _ => new Pace(options.MessagesPerSecond, options.BytesPerSecond, time));
    }
}
