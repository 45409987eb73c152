using System.Net;
using System.Net.Sockets;

namespace SpasmStream.SystemTests.Support;

/// <summary>
/// A bad network between a client and a server on this machine: toxics for each direction, switched while
/// bytes flow, and a log of what went over each connection.
/// </summary>
sealed class ChaosProxy : IAsyncDisposable
{
    readonly int _server;
    readonly int _seed;
    readonly CancellationTokenSource _stop = new();

    // Guarded by _gate.
    readonly Lock _gate = new();
    readonly List<WireLog> _logs = [];
    readonly List<(Socket Client, Socket Server)> _open = [];
    readonly List<Task> _running = [];
    TcpListener? _listener;

    public ChaosProxy(int server, int seed = 1)
    {
        (_server, _seed) = (server, seed);
        Open();
    }

    public int Port { get; private set; }

    /// <summary>From the client to the server.</summary>
    public Toxics Up { get; } = new();

    /// <summary>From the server to the client.</summary>
    public Toxics Down { get; } = new();

    /// <summary>Every connection so far, from the first.</summary>
    public IReadOnlyList<WireLog> Logs { get { lock (_gate) return [.. _logs]; } }

    /// <summary>Connections that stand now.</summary>
    public int Standing { get { lock (_gate) return _open.Count; } }

    /// <summary>Both directions at once.</summary>
    public bool Blackhole
    {
        set => Up.Blackhole = Down.Blackhole = value;
    }

    /// <summary>Listens again after <see cref="Close"/>, on the same port.</summary>
    public void Open()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        lock (_gate)
        {
            _listener = listener;
            _running.Add(AcceptAsync(listener));
        }
    }

    /// <summary>Nobody is there any more to connect to; what stands goes on.</summary>
    public void Close()
    {
        lock (_gate)
            _listener?.Dispose();
    }

    /// <summary>RST to both ends of everything that stands.</summary>
    public void Reset()
    {
        lock (_gate)
            foreach (var (client, server) in _open)
            {
                Reset(client);
                Reset(server);
            }
    }

    /// <summary>No more from the server, which is not told; the client still may speak.</summary>
    public void HalfClose()
    {
        lock (_gate)
            foreach (var (client, _) in _open)
                client.Shutdown(SocketShutdown.Send);
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _stop.CancelAsync();
        Reset();
        Task[] all;
        lock (_gate)
            all = [.. _running];
        await Task.WhenAll(all);
        _stop.Dispose();
    }

    async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(_stop.Token);
                lock (_gate)
                    _running.Add(ServeAsync(client));
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException
            or ObjectDisposedException)
        {
            // Closed.
        }
    }

    async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var log = new WireLog();
        int seed;
        lock (_gate)
        {
            seed = _seed * 1000 + 2 * _logs.Count;
            _logs.Add(log);
        }

        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
            lock (_gate)
                _open.Add((client, server));
            using var here = new NetworkStream(client, ownsSocket: false);
            using var there = new NetworkStream(server, ownsSocket: false);
            var up = new ToxicLine(here, there, Up, seed, bytes => log.Add(up: true, bytes.Span));
            var down = new ToxicLine(there, here, Down, seed + 1, bytes => log.Add(up: false, bytes.Span));
            await Task.WhenAll(EndAsync(up, client, server), EndAsync(down, server, client));
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            // The server is not there: nor are we.
        }
        finally
        {
            lock (_gate)
                _open.Remove((client, server));
            client.Dispose();
        }
    }

    // An end is handed on as an end, a reset as a reset, and a cut resets both.
    async Task EndAsync(ToxicLine line, Socket from, Socket to)
    {
        try
        {
            await line.RunAsync(_stop.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException)
        {
            Reset(from);
            Reset(to);
        }
    }

    static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // It has gone by itself.
        }
    }
}
