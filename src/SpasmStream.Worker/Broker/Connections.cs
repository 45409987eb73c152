using System.Collections.Concurrent;
using System.Net;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Whose the present connection of each client id is, and what it has subscribed to; the library's own notion
/// goes stale, because a session keeps its first user.
/// </summary>
sealed class Connections
{
    const int FiltersMax = 50;

    readonly ConcurrentDictionary<string, Connection> _open = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    /// <summary>How many there are, the worker's own left out.</summary>
    public int Devices => _open.Values.Count(it => it.User != InternalAccount.User);

    public void Add(
        string clientId, string user, EndPoint? remote, bool knowsReasons = true, int keepAliveSeconds = 0) =>
        _open[clientId] = new Connection(user, remote, knowsReasons, keepAliveSeconds);

    /// <summary>How often a client lets us hear from it; zero when it promised nothing.</summary>
    public TimeSpan KeepAliveOf(string clientId) =>
        TimeSpan.FromSeconds(_open.GetValueOrDefault(clientId)?.KeepAliveSeconds ?? 0);

    /// <summary>Whether a client is told why something was refused, as MQTT 5 does.</summary>
    public bool KnowsReasons(string clientId) => _open.GetValueOrDefault(clientId)?.KnowsReasons != false;

    /// <summary>Forgets a connection that ended, unless another one has taken the id since.</summary>
    public void Remove(string clientId, EndPoint? remote)
    {
        if (_open.TryGetValue(clientId, out var connection) && Equals(connection.Remote, remote))
            _open.TryRemove(KeyValuePair.Create(clientId, connection));
    }

    public string? UserOf(string clientId) => _open.GetValueOrDefault(clientId)?.User;

    /// <summary>The client ids that a user is connected with.</summary>
    public List<string> Of(string user) =>
        _open.Where(it => it.Value.User == user).Select(it => it.Key).ToList();

    /// <summary>False when the client has as many filters as it may have.</summary>
    public bool TryAddFilter(string clientId, string filter) =>
        _open.GetValueOrDefault(clientId)?.TryAdd(filter) == true;

    public void RemoveFilter(string clientId, string filter) =>
        _open.GetValueOrDefault(clientId)?.Remove(filter);

    sealed class Connection(string user, EndPoint? remote, bool knowsReasons, int keepAliveSeconds)
    {
        readonly HashSet<string> _filters = new(StringComparer.Ordinal);

        public string User { get; } = user;

        public EndPoint? Remote { get; } = remote;

        public bool KnowsReasons { get; } = knowsReasons;

        public int KeepAliveSeconds { get; } = keepAliveSeconds;

        public bool TryAdd(string filter)
        {
            lock (_filters)
                return _filters.Contains(filter) || (_filters.Count < FiltersMax && _filters.Add(filter));
        }

        public void Remove(string filter)
        {
            lock (_filters)
                _filters.Remove(filter);
        }
    }
}
