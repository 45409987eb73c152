using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SpasmStream.SystemTests.Support;

/// <summary>What was asked for: the packet's type, the filter, and the options of a subscription.</summary>
sealed record Request(int Type, string Filter, int Options);

/// <summary>A broker of bytes: the test says what it answers and sees what the worker sends.</summary>
sealed class ScriptedBroker : IDisposable
{
    public const int ConnectType = 1;
    public const int SubscribeType = 8;
    public const int UnsubscribeType = 10;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedBroker()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Seconds, of the last CONNECT.</summary>
    public int KeepAlive { get; private set; }

    /// <summary>What followed the length in the last CONNECT.</summary>
    public byte[] Connect { get; private set; } = [];

    /// <summary>Called when CONNECT has come, before it is answered.</summary>
    public Action BeforeWelcome { get; set; } = () => { };

    /// <summary>Connections taken so far.</summary>
    public int Connects { get; private set; }

    /// <summary>Whether a connection waits to be taken.</summary>
    public bool IsAsked => _listener.Pending();

    /// <summary>Takes the next connection, answers CONNECT, and SUBSCRIBE when that was a welcome.</summary>
    public async Task<RawMqtt> AcceptAsync(int connack = 0, int suback = 1)
    {
        var connection = await WelcomeAsync(connack);
        if (connack == 0)
            await AnswerAsync(connection, suback);
        return connection;
    }

    /// <summary>
    /// Takes the next connection and answers its CONNECT; what stands behind goes out in the same piece.
    /// </summary>
    public async Task<RawMqtt> WelcomeAsync(int connack = 0, bool sessionPresent = false,
        int? serverKeepAlive = null, params byte[][] behind)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var connection = RawMqtt.Over(await _listener.AcceptTcpClientAsync(patience.Token));
        Connects++;
        var connect = await connection.ReadAsync();
        Assert.Equal(ConnectType, connect?.Type);
        // Behind the name MQTT, the version and the flags.
        Connect = connect!.Body;
        KeepAlive = (Connect[8] << 8) | Connect[9];
        BeforeWelcome();
        byte[] properties = serverKeepAlive is { } seconds
            ? [3, 0x13, (byte)(seconds >> 8), (byte)seconds] : [0];
        byte[] answer = RawMqtt.Frame(0x20, [(byte)(sessionPresent ? 1 : 0), (byte)connack, .. properties]);
        await connection.SendAsync(behind.Aggregate(answer, (before, packet) => [.. before, .. packet]));
        return connection;
    }

    /// <summary>Reads a SUBSCRIBE or UNSUBSCRIBE of one filter and answers it.</summary>
    public static async Task<Request> AnswerAsync(RawMqtt connection, int code)
    {
        var packet = await connection.ReadAsync();
        Assert.True(packet?.Type is SubscribeType or UnsubscribeType, $"{packet?.Type}");
        var body = packet!.Body;
        Assert.Equal(0, body[2]);
        var length = (body[3] << 8) | body[4];
        var filter = Encoding.UTF8.GetString(body, 5, length);
        // One filter, and for a subscription its options: nothing else.
        Assert.Equal(5 + length + (packet.Type == SubscribeType ? 1 : 0), body.Length);
        await connection.SendAsync(RawMqtt.Frame(
            (byte)(packet.Type == SubscribeType ? 0x90 : 0xB0), [body[0], body[1], 0, (byte)code]));
        return new Request(packet.Type, filter, packet.Type == SubscribeType ? body[^1] : 0);
    }

    public void Dispose() => _listener.Dispose();
}
