using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Where connections come in, in place of the library's own listeners, which let anybody stay for ever and
/// take the memory they ask for: places are counted, silence has a deadline, and packets are looked at.
/// </summary>
sealed partial class BrokerDoor(
    BrokerEndpoints endpoints, BrokerOptions options, SecurityJournal journal, TimeProvider time,
    ILogger logger) : IMqttServerAdapter
{
    // What a client may send ahead of our reading; the kernel would let it grow to megabytes.
    const int UnreadMax = 128 * 1024;
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    readonly ConcurrentDictionary<IMqttChannelAdapter, Caller> _callers = new();
    readonly ConcurrentDictionary<Task, Caller> _serving = new();
    readonly List<(Socket Socket, bool Tls)> _listeners = [];
    readonly CancellationTokenSource _stop = new();
    MqttServerOptions _buffers = new();
    IMqttNetLogger _libraryLogger = MqttNetNullLogger.Instance;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>Its places.</summary>
    public Seats Seats { get; } = new(options.ConnectionsMax, options.ConnectionsPerAddress);

    /// <summary>Takes the ports; throws when one cannot be had.</summary>
    public void Open()
    {
        foreach (var (address, tls) in endpoints.Doors)
            _listeners.Add((Listen(address, tls ? "Broker:TlsPort" : "Broker:Port"), tls));
    }

    /// <summary>Whose connection it is.</summary>
    public Caller? CallerOf(IMqttChannelAdapter adapter) => _callers.GetValueOrDefault(adapter);

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        (_buffers, _libraryLogger) = (options, logger);
        foreach (var (socket, tls) in _listeners)
            _ = Task.Run(() => AcceptAsync(socket, tls));
        return Task.CompletedTask;
    }

    /// <summary>Closes the ports and every connection, and waits a moment until they are gone.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        foreach (var (socket, _) in _listeners)
            socket.Dispose();
        foreach (var caller in _serving.Values)
            caller.Cut();
        await Task.WhenAny(Task.WhenAll(_serving.Keys), Task.Delay(StopPatience, time));
    }

    public void Dispose()
    {
        foreach (var (socket, _) in _listeners)
            socket.Dispose();
        _stop.Dispose();
    }

    static Socket Listen(IPEndPoint at, string setting)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (at.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.ReceiveBufferSize = UnreadMax;
            socket.Bind(at);
            socket.Listen(512);
            return socket;
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new SetupException(fault.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {at.Port} on {at.Address} is in use, so the embedded broker cannot start. Stop the "
                    + $"other program, or set {setting}, or set Mqtt:Host to use that broker."
                : $"Nobody can listen on {at} here: {fault.Message} Set Broker:Listen to an address of "
                    + $"this machine and {setting} to a port this user may open.");
        }
    }

    async Task AcceptAsync(Socket listener, bool tls)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket? socket = null;
            try
            {
                socket = await listener.AcceptAsync(_stop.Token);
                Receive(socket, tls);
            }
            catch (Exception over) when (
                socket is null && over is (OperationCanceledException or ObjectDisposedException))
            {
                return;
            }
            // Whoever came is gone again, there are no more sockets just now, or nobody foresaw it: that one
            // is cut off. A door that nobody stands at any more would look open to all but the devices.
            catch (Exception fault)
            {
                socket?.Dispose();
                if (_quiet.Admit("accept", out var leftOut))
                    Log.NotAccepted(logger, fault, leftOut);
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
            }
        }
    }

    void Receive(Socket socket, bool tls)
    {
        var caller = new Caller(((IPEndPoint)socket.RemoteEndPoint!).Address,
            TimeSpan.FromSeconds(options.ConnectSeconds), () => socket.Close(0), time);
        var (isIn, leaves) = Seats.Enter(caller);
        leaves?.Cut();
        if (isIn)
        {
            var serving = new Task<Task>(() => ServeAsync(socket, tls, caller));
            var whole = serving.Unwrap();
            _serving[whole] = caller;
            _ = whole.ContinueWith(it => _serving.TryRemove(it, out _), TaskScheduler.Default);
            serving.Start(TaskScheduler.Default);
        }
        else
        {
            socket.Close(0);
            caller.Dispose();
        }

        // Last: whoever is in has somebody who lets the place go again.
        if (!isIn || leaves is not null)
            Refused("connections");
    }

    async Task ServeAsync(Socket socket, bool tls, Caller caller)
    {
        try
        {
            socket.NoDelay = true;
            await using var stream = await OpenAsync(socket, tls, caller);
            using var channel = new GuardedChannel(
                stream, socket.LocalEndPoint, socket.RemoteEndPoint, time, Refused);
            caller.Channel = channel;
            var writer = new MqttBufferWriter(_buffers.WriterBufferSize, _buffers.WriterBufferSizeMax);
            using var adapter = new MqttChannelAdapter(
                channel, new MqttPacketFormatterAdapter(writer), _libraryLogger);
            _callers[adapter] = caller;
            try
            {
                if (ClientHandler is { } serve)
                    await serve(adapter);
            }
            finally
            {
                _callers.TryRemove(adapter, out _);
                Seats.Leave(caller);
                caller.End();
            }

            await PartAsync(socket, caller);
        }
        // The other side, its TLS, or our own deadline.
        catch (Exception fault) when (fault is IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException or MqttCommunicationException)
        {
        }
        // Nothing that one connection does may end the others.
        catch (Exception fault)
        {
            if (_quiet.Admit("fault", out var leftOut))
                Log.Failed(logger, fault, leftOut);
        }
        finally
        {
            Seats.Leave(caller);
            caller.End();
            socket.Dispose();
            caller.Dispose();
        }
    }

    async Task<Stream> OpenAsync(Socket socket, bool tls, Caller caller)
    {
        var plain = new NetworkStream(socket, ownsSocket: false);
        if (!tls)
            return plain;
        var secured = new SslStream(plain);
        try
        {
            await secured.AuthenticateAsServerAsync(endpoints.Tls(), caller.Deadline);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    // A socket that is closed while something lies in it unread takes back what it said last, so that a
    // client that is cut off would never hear why.
    static async Task PartAsync(Socket socket, Caller caller)
    {
        if (caller.Standing == Standing.Silent)
            return;
        socket.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var rest = new byte[4096];
        while (await socket.ReceiveAsync(rest, limit.Token) > 0)
        {
        }
    }

    void Refused(string why) => journal.Write("refused", (string?)null, why);

    readonly Quiet _quiet = new(time);

    static partial class Log
    {
        [LoggerMessage(118, LogLevel.Warning,
            "A connection could not be accepted ({LeftOut} more were not told).")]
        public static partial void NotAccepted(ILogger logger, Exception fault, long leftOut);

        [LoggerMessage(119, LogLevel.Error, "A connection failed ({LeftOut} more were not told).")]
        public static partial void Failed(ILogger logger, Exception fault, long leftOut);
    }
}
