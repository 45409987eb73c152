using System.Net;
using Microsoft.Extensions.Options;
using MQTTnet.Formatter;
using MQTTnet.Packets;
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
    ILogger<EmbeddedBroker> logger) : IHostedService, IDisposable
{
    readonly Connections _connections = new();
    readonly AccessControl _access = new(user => accounts.Find(user)?.Rights, logger);
    BrokerEndpoints? _endpoints;
    MqttServer? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _endpoints = new BrokerEndpoints(options.Value);
        var server = new MqttServerFactory().CreateMqttServer(_endpoints.Build());
        server.ValidatingConnectionAsync += ValidateAsync;
        server.ClientDisconnectedAsync += Disconnected;
        server.InterceptingInboundPacketAsync += ReceiveAsync;
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += Subscribe;
        server.InterceptingUnsubscriptionAsync += Unsubscribe;
        server.InterceptingClientEnqueueAsync += Enqueue;
        server.InterceptingOutboundPacketAsync += Send;
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
        _endpoints?.Dispose();
    }

    async Task ValidateAsync(ValidatingConnectionEventArgs connection)
    {
        var remote = connection.RemoteEndPoint as IPEndPoint;
        var certified = _endpoints?.Clients is not null && connection.ClientCertificate is { } certificate
            ? ClientCertificates.Names(certificate) : null;
        var (end, account) = await login.AskAsync(connection.UserName, connection.Password,
            remote?.Address.ToString() ?? "", certified, connection.CancellationToken);
        connection.ReasonCode = Answers.To(end, connection.ProtocolVersion);
        if (account is not null)
            Name(connection, account);
        if (connection.ReasonCode != MqttConnectReasonCode.Success)
            Log.Refused(logger, connection.ReasonCode);
    }

    void Name(ValidatingConnectionEventArgs connection, Account account)
    {
        var clientId = connection.ClientId;
        // Whoever names no session cannot come back to it, so there must be none to come back to.
        if (string.IsNullOrEmpty(clientId) && connection.SessionExpiryInterval == 0
            && connection.ProtocolVersion == MqttProtocolVersion.V500)
            connection.AssignedClientIdentifier = clientId = ClientId.Make(account.User);
        if (!ClientId.Belongs(clientId, account.User))
        {
            connection.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            journal.Write("denied", account, "client id");
        }
        else
        {
            _connections.Add(clientId, account.User, connection.RemoteEndPoint,
                connection.ProtocolVersion == MqttProtocolVersion.V500);
        }
    }

    // A taken-over id is the newer connection's.
    Task Disconnected(ClientDisconnectedEventArgs gone)
    {
        if (gone.DisconnectType != MqttClientDisconnectType.Takeover)
            _connections.Remove(gone.ClientId, gone.RemoteEndPoint);
        return Task.CompletedTask;
    }

    // We offer no topic aliases, and the library would keep any number of them.
    async Task ReceiveAsync(InterceptingPacketEventArgs incoming)
    {
        if (incoming.Packet is MqttPublishPacket publish)
            Inlet.Announce(publish.PacketIdentifier, incoming.SessionItems);
        if (incoming.Packet is not MqttPublishPacket { TopicAlias: > 0 })
            return;
        incoming.ProcessPacket = false;
        journal.Write("denied", _connections.UserOf(incoming.ClientId), "topic alias");
        await DropAsync(incoming.ClientId, MqttDisconnectReasonCode.TopicAliasInvalid);
    }

    async Task PublishAsync(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        var (user, topic) = (_connections.UserOf(publish.ClientId), message.Topic ?? "");
        var ruling = user is null ? Ruling.Denied : _access.Publish(user, topic);
        publish.ProcessPublish = user == InternalAccount.User && ruling == Ruling.Granted;
        if (ruling == Ruling.Denied)
        {
            publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            // An older client knows no such answer: it would take it for kept.
            publish.CloseConnection = !_connections.KnowsReasons(publish.ClientId);
            journal.Write("denied", user, "publish");
            return;
        }

        if (ruling == Ruling.Suspicious)
            journal.Write("denied", user, "topic");
        if (publish.ProcessPublish)
            return;
        var outcome = await inlet.TakeAsync(message, publish.SessionItems, it => Tell(it.Reason, user));
        // A code of 0x80 and above would tell the sender never to send again; what may succeed later is
        // answered by closing the connection without a PUBACK.
        if (outcome is not { } kept)
            publish.CloseConnection = true;
        else
            publish.Response.ReasonCode = Answers.To(kept.Reason);
    }

    void Tell(string? reason, string? user)
    {
        if (reason is Reasons.Unauthorised or Reasons.WearerMismatch)
            journal.Write(reason == Reasons.WearerMismatch ? "mismatch" : "denied", user, "wearer");
    }

    Task Subscribe(InterceptingSubscriptionEventArgs subscription)
    {
        var (user, filter) =
            (_connections.UserOf(subscription.ClientId), subscription.TopicFilter.Topic ?? "");
        var ruling = user is null ? FilterRuling.Denied : _access.Read(user, filter);
        var mayHaveMore = ruling == FilterRuling.Granted
            && _connections.TryAddFilter(subscription.ClientId, filter);
        if (mayHaveMore)
            return Task.CompletedTask;
        subscription.ProcessSubscription = false;
        subscription.Response.ReasonCode = ruling switch
        {
            FilterRuling.Granted => MqttSubscribeReasonCode.QuotaExceeded,
            FilterRuling.Invalid => MqttSubscribeReasonCode.TopicFilterInvalid,
            _ => MqttSubscribeReasonCode.NotAuthorized,
        };
        journal.Write("denied", user, "subscribe");
        return Task.CompletedTask;
    }

    // Under the library's lock: nothing here may wait.
    Task Unsubscribe(InterceptingUnsubscriptionEventArgs unsubscription)
    {
        _connections.RemoveFilter(unsubscription.ClientId, unsubscription.Topic);
        return Task.CompletedTask;
    }

    Task Enqueue(InterceptingClientApplicationMessageEnqueueEventArgs outgoing)
    {
        outgoing.AcceptEnqueue = MayRead(outgoing.ReceiverClientId, outgoing.ApplicationMessage.Topic);
        return Task.CompletedTask;
    }

    // What waited in a queue while a right was taken away does not go out; and we say what we do not offer.
    Task Send(InterceptingPacketEventArgs outgoing)
    {
        if (outgoing.Packet is MqttPublishPacket publish)
            outgoing.ProcessPacket = MayRead(outgoing.ClientId, publish.Topic);
        else if (outgoing.Packet is MqttConnAckPacket welcome)
            (welcome.TopicAliasMaximum, welcome.SharedSubscriptionAvailable) = (0, false);
        return Task.CompletedTask;
    }

    bool MayRead(string clientId, string topic) => _connections.UserOf(clientId) is { } user
        && _access.Read(user, topic) == FilterRuling.Granted;

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

        [LoggerMessage(111, LogLevel.Warning, "A connection to the embedded broker was refused: {Reason}.")]
        public static partial void Refused(ILogger logger, MqttConnectReasonCode reason);

        [LoggerMessage(112, LogLevel.Information, "Account {User} may connect; its password is in {File}.")]
        public static partial void Gateway(ILogger logger, string user, string file);

        [LoggerMessage(116, LogLevel.Information, "The embedded broker serves TLS on {Address}:{Port}.")]
        public static partial void StartedTls(ILogger logger, string address, int port);
    }
}
