using System.Net;
using System.Net.Sockets;

namespace SpasmStream.SystemTests.Support;

/// <summary>A broker of bytes: the test says what it answers and sees what the worker sends.</summary>
sealed class ScriptedBroker : IDisposable
{
    public const int ConnectType = 1;
    public const int SubscribeType = 8;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedBroker()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Takes the next connection, answers CONNECT, and SUBSCRIBE when that was a welcome.</summary>
    public async Task<RawMqtt> AcceptAsync(int connack = 0, int suback = 1)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var connection = RawMqtt.Over(await _listener.AcceptTcpClientAsync(patience.Token));
        Assert.Equal(ConnectType, (await connection.ReadAsync())?.Type);
        await connection.SendAsync(RawMqtt.Frame(0x20, [0, (byte)connack, 0]));
        if (connack != 0)
            return connection;
        var subscribe = await connection.ReadAsync();
        Assert.Equal(SubscribeType, subscribe?.Type);
        await connection.SendAsync(RawMqtt.Frame(0x90,
            [subscribe!.Body[0], subscribe.Body[1], 0, (byte)suback]));
        return connection;
    }

    public void Dispose() => _listener.Dispose();
}
