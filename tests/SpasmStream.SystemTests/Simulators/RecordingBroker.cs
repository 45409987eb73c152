using System.Buffers;
using System.Net;
using System.Net.Sockets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace SpasmStream.SystemTests.Simulators;

/// <summary>A broker in this process that writes down what it is given, and can misbehave.</summary>
sealed class RecordingBroker : IAsyncDisposable
{
    readonly Lock _lock = new();
    readonly List<(string Client, string Topic, byte[] Payload, string? Received)> _taken = [];
    MqttServer? _server;

    public int Port { get; } = FreePort();

    public int Connections { get; private set; }

    /// <summary>Told before each message is taken; true closes the connection, unacknowledged.</summary>
    public Func<int, InterceptingPublishEventArgs, bool> Intercept { get; set; } = static (_, _) => false;

    public string? Password { get; init; }

    public IReadOnlyList<(string Client, string Topic, byte[] Payload, string? Received)> Taken
    {
        get
        {
            lock (_lock)
                return [.. _taken];
        }
    }

    public async Task StartAsync()
    {
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointPort(Port)
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .Build();
        _server = new MqttServerFactory().CreateMqttServer(options);
        _server.ValidatingConnectionAsync += connection =>
        {
            Connections++;
            if (Password is not null && connection.Password != Password)
                connection.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
            return Task.CompletedTask;
        };
        _server.InterceptingPublishAsync += publish =>
        {
            lock (_lock)
            {
                if (Intercept(_taken.Count, publish))
                    publish.CloseConnection = true;
                else if (publish.Response.ReasonCode < MqttPubAckReasonCode.UnspecifiedError)
                    _taken.Add((publish.ClientId, publish.ApplicationMessage.Topic,
                        publish.ApplicationMessage.Payload.ToArray(),
                        ReceivedOf(publish.ApplicationMessage)));
            }
            return Task.CompletedTask;
        };
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is null)
            return;
        await _server.StopAsync();
        _server.Dispose();
    }

    static string? ReceivedOf(MQTTnet.MqttApplicationMessage message) =>
        message.UserProperties?.Find(item => item.Name == "received") is { } property
            ? System.Text.Encoding.UTF8.GetString(property.ValueBuffer.Span)
            : null;

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
