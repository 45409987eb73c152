using System.Net;
using Microsoft.Extensions.Options;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The broker we bring along. A device's PUBLISH goes straight into the corridor, and its PUBACK leaves after
/// the commit: the library sends it when the interceptor returns. Nothing of ours subscribes here, and
/// nothing may depend on its sessions: they live in memory only.
/// </summary>
sealed partial class EmbeddedBroker(
    IOptions<BrokerOptions> options, Accounts accounts, Login login, SecurityJournal journal, Inlet inlet,
    KeptMessages kept, TimeProvider time, ILogger<EmbeddedBroker> logger) : IHostedService, IDisposable
{
    // How long anything may take that waits for a client.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Connections _connections = new();
    readonly AccessControl _access = new(user => accounts.Find(user)?.Rights, logger);
    readonly Retained _retained = new();
    BrokerEndpoints? _endpoints;
    BrokerDoor? _door;
    MqttServer? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _endpoints = new BrokerEndpoints(options.Value);
        _door = new BrokerDoor(_endpoints, options.Value, journal, time, logger);
        _door.Open();
        // Pending messages beyond this drop the oldest; nothing of ours depends on them.
        var limits = new MqttServerOptionsBuilder().WithMaxPendingMessagesPerClient(1_000)
            .WithDefaultCommunicationTimeout(Patience).Build();
        var server = new MqttServerFactory().CreateMqttServer(limits, [_door]);
        Wire(server, _door);
        await server.StartAsync();
        _server = server;
        Log.Started(logger, BrokerEndpoints.PlainAddress(options.Value), options.Value.Port);
        if (_endpoints.HasTls)
            Log.StartedTls(logger, options.Value.Listen, options.Value.TlsPort);
        if (accounts.PasswordFile is { } file)
            Log.Gateway(logger, GatewayAccount.User, file);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        inlet.Close();
        if (_server is { IsStarted: true } server)
            await server.StopAsync(new MqttServerStopOptionsBuilder().Build());
    }

    /// <summary>Ends the connections of whoever's account is gone or another one.</summary>
    public async Task DropChangedAsync()
    {
        foreach (var user in accounts.TakeChanged())
        {
            journal.Write("account-changed", user, "its connections were closed");
            foreach (var clientId in _connections.Of(user))
                await DropAsync(clientId, MqttDisconnectReasonCode.NotAuthorized);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _door?.Dispose();
        _endpoints?.Dispose();
    }

    void Wire(MqttServer server, BrokerDoor door)
    {
        var welcome = new Welcome(door, login, _connections, new Paces(options.Value, time), new Turns(time),
            journal, new Quiet(time), logger, _endpoints?.Clients is not null, DropAsync);
        var messages = new Messages(_connections, _access, inlet, journal, _retained, DropAsync);
        var readers = new Readers(_connections, _access, journal);
        server.LoadingRetainedMessageAsync += LoadRetained;
        server.ValidatingConnectionAsync += welcome.ValidateAsync;
        server.ClientDisconnectedAsync += Disconnected;
        server.InterceptingInboundPacketAsync += messages.ReceiveAsync;
        server.InterceptingPublishAsync += messages.PublishAsync;
        server.InterceptingSubscriptionAsync += readers.Subscribe;
        server.InterceptingUnsubscriptionAsync += readers.Unsubscribe;
        server.InterceptingClientEnqueueAsync += readers.Enqueue;
        server.InterceptingOutboundPacketAsync += readers.Send;
    }

    Task LoadRetained(LoadingRetainedMessagesEventArgs loading)
    {
        loading.LoadedRetainedMessages = _retained.Load(kept());
        return Task.CompletedTask;
    }

    // A taken-over id is the newer connection's.
    Task Disconnected(ClientDisconnectedEventArgs gone)
    {
        if (gone.DisconnectType != MqttClientDisconnectType.Takeover)
            _connections.Remove(gone.ClientId, gone.RemoteEndPoint);
        return Task.CompletedTask;
    }

    async Task DropAsync(string clientId, MqttDisconnectReasonCode reason)
    {
        try
        {
            if (_server is { } server)
                await server.DisconnectClientAsync(
                    clientId, new MqttServerClientDisconnectOptions { ReasonCode = reason });
        }
        catch (InvalidOperationException)
        {
            // It has just gone by itself.
        }
    }

    static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "The embedded broker listens on {Address}:{Port}.")]
        public static partial void Started(ILogger logger, IPAddress address, int port);

        [LoggerMessage(112, LogLevel.Information, "Account {User} may connect; its password is in {File}.")]
        public static partial void Gateway(ILogger logger, string user, string file);

        [LoggerMessage(116, LogLevel.Information, "The embedded broker serves TLS on {Address}:{Port}.")]
        public static partial void StartedTls(ILogger logger, string address, int port);
    }
}
