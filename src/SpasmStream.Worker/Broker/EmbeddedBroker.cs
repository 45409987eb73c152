using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
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
    IOptions<BrokerOptions> options, Accounts accounts, DeliveryQueue queue, Reception reception,
    ILogger<EmbeddedBroker> logger) : IHostedService, IDisposable
{
    // Whose the current connection of a client id is; the library's own notion goes stale.
    readonly ConcurrentDictionary<string, string> _users = new(StringComparer.Ordinal);
    MqttServer? _server;
    volatile bool _stopping;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RefuseTakenPort();
        var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointPort(options.Value.Port)
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.IPv6None)
            .WithMaxPendingMessagesPerClient(1_000)
            .Build());
        server.ValidatingConnectionAsync += Validate;
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += Subscribe;
        server.InterceptingClientEnqueueAsync += Enqueue;
        await server.StartAsync();
        _server = server;
        Log.Started(logger, options.Value.Port);
        if (accounts.PasswordFile is { } file)
            Log.Gateway(logger, GatewayAccount.User, file);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        if (_server is { IsStarted: true } server)
            await server.StopAsync(new MqttServerStopOptionsBuilder().Build());
    }

    public void Dispose() => _server?.Dispose();

    // The library only logs a port that is taken.
    void RefuseTakenPort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, options.Value.Port));
        }
        catch (SocketException)
        {
            throw new SetupException(
                $"Port {options.Value.Port} on 127.0.0.1 is in use, so the embedded broker cannot start. "
                + "Stop the other program, or set Broker:Port, or set Mqtt:Host to use that broker.");
        }
    }

    Task Validate(ValidatingConnectionEventArgs connection)
    {
        if (!accounts.Knows(connection.UserName, connection.Password))
            connection.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
        else if (!Accounts.MayUseClientId(connection.UserName, connection.ClientId))
            connection.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
        else
            _users[connection.ClientId] = connection.UserName;
        if (connection.ReasonCode != MqttConnectReasonCode.Success)
            Log.Refused(logger, connection.ReasonCode);
        return Task.CompletedTask;
    }

    async Task PublishAsync(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        if (!_users.TryGetValue(publish.ClientId, out var user)
            || !accounts.MayPublish(user, message.Topic ?? ""))
        {
            publish.ProcessPublish = false;
            publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            return;
        }

        if (user == InternalAccount.User)
            return;

        publish.ProcessPublish = false;
        var done = new TaskCompletionSource<DeliveryOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        // Retain is what a subscriber is told; here the message has just been sent.
        message.Retain = false;
        var accepted = !_stopping && queue.TryAdd(reception.Receive(message, done.SetResult));
        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
            return;

        // A code of 0x80 and above would tell the sender never to send again; what may succeed later is
        // answered by closing the connection without a PUBACK.
        if (!accepted || await WaitAsync(done.Task) is not { } outcome)
            publish.CloseConnection = true;
        else
            publish.Response.ReasonCode = Answer(outcome.Reason);
    }

    async Task<DeliveryOutcome?> WaitAsync(Task<DeliveryOutcome> done)
    {
        try
        {
            return await done.WaitAsync(TimeSpan.FromSeconds(options.Value.CommitSeconds));
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    static MqttPubAckReasonCode Answer(string? reason) => reason switch
    {
        null => MqttPubAckReasonCode.Success,
        Reasons.Unauthorised or "person_mismatch" => MqttPubAckReasonCode.NotAuthorized,
        "topic" or "id" => MqttPubAckReasonCode.TopicNameInvalid,
        _ => MqttPubAckReasonCode.PayloadFormatInvalid,
    };

    Task Subscribe(InterceptingSubscriptionEventArgs subscription)
    {
        if (!_users.TryGetValue(subscription.ClientId, out var user)
            || !accounts.MayRead(user, subscription.TopicFilter.Topic))
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
        }

        return Task.CompletedTask;
    }

    Task Enqueue(InterceptingClientApplicationMessageEnqueueEventArgs outgoing)
    {
        outgoing.AcceptEnqueue = _users.TryGetValue(outgoing.ReceiverClientId, out var user)
            && accounts.MayRead(user, outgoing.ApplicationMessage.Topic);
        return Task.CompletedTask;
    }

    static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "The embedded broker listens on 127.0.0.1:{Port}.")]
        public static partial void Started(ILogger logger, int port);

        [LoggerMessage(111, LogLevel.Warning, "A connection to the embedded broker was refused: {Reason}.")]
        public static partial void Refused(ILogger logger, MqttConnectReasonCode reason);

        [LoggerMessage(112, LogLevel.Information, "Account {User} may connect; its password is in {File}.")]
        public static partial void Gateway(ILogger logger, string user, string file);
    }
}
