using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Intake;

/// <summary>How an attempt to listen ended.</summary>
enum IntakeEnd
{
    /// <summary>The broker could not be reached or went away before we were subscribed.</summary>
    Unreached,

    /// <summary>The broker refuses these credentials or this client.</summary>
    Refused,

    /// <summary>We were subscribed, and the connection ended.</summary>
    Lost,
}

/// <summary>
/// One connection to the broker, from CONNECT to its end. It is never used again: an acknowledgement belongs
/// to its connection, and on a later one the same packet id is another message.
/// </summary>
sealed class IntakeConnection(MqttOptions options, DeliveryQueue queue, Reception reception) : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LastCommit = TimeSpan.FromSeconds(2);

    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly Channel<MqttApplicationMessageReceivedEventArgs> _acknowledgements =
        Channel.CreateUnbounded<MqttApplicationMessageReceivedEventArgs>(
            new UnboundedChannelOptions { SingleReader = true });
    readonly TaskCompletionSource _overflow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    long _received;
    long _acknowledged;

    /// <summary>Why the broker refused, in its own words, for the log.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>Whether the broker had kept our session.</summary>
    public bool SessionPresent { get; private set; }

    /// <summary>Connects and subscribes; null when we listen, else how it ended.</summary>
    public async Task<IntakeEnd?> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        _client.ApplicationMessageReceivedAsync += Receive;
        var connected = await _client.ConnectAsync(ClientOptions(), limit.Token);
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
        {
            Refusal = connected.ResultCode.ToString();
            return connected.ResultCode is MqttClientConnectResultCode.BadUserNameOrPassword
                or MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.Banned
                or MqttClientConnectResultCode.ClientIdentifierNotValid
                ? IntakeEnd.Refused : IntakeEnd.Unreached;
        }

        SessionPresent = connected.IsSessionPresent;
        var subscribed = await _client.SubscribeAsync(new MqttClientSubscribeOptions
        {
            TopicFilters =
            [
                new MqttTopicFilter
                {
                    Topic = options.Filter,
                    QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                    RetainHandling = MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly,
                    RetainAsPublished = false,
                },
            ],
        }, limit.Token);
        foreach (var item in subscribed.Items)
            if ((int)item.ResultCode >= 0x80)
            {
                Refusal = $"subscription {item.ResultCode}";
                return IntakeEnd.Refused;
            }

        return null;
    }

    /// <summary>Acknowledges in order of arrival until the connection ends.</summary>
    public async Task ListenAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var ended = new CancellationTokenSource();
        var acknowledging = AcknowledgeAsync(ended.Token);
        // The library's events are late and unreliable about an end; its flag is not.
        while (_client.IsConnected && !acknowledging.IsCompleted && !_overflow.Task.IsCompleted
            && !queue.IsShut && !cancellationToken.IsCancellationRequested)
            await Task.WhenAny(acknowledging, _overflow.Task,
                Task.Delay(TimeSpan.FromMilliseconds(250), time, cancellationToken));

        // Stopping: what a running commit holds is still acknowledged; the rest comes again.
        if (cancellationToken.IsCancellationRequested)
            await Task.WhenAny(
                acknowledging, SettledAsync(time), Task.Delay(LastCommit, time, CancellationToken.None));
        await ended.CancelAsync();
        await acknowledging;
    }

    async Task SettledAsync(TimeProvider time)
    {
        var received = Volatile.Read(ref _received);
        while (Volatile.Read(ref _acknowledged) < received)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
    }

    /// <summary>
    /// Says goodbye without touching the session, so that the broker goes on keeping for us.
    /// </summary>
    public async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            if (_client.IsConnected)
                await _client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token);
        }
        catch (Exception)
        {
            // A courtesy: a broker that does not listen notices the closed socket, and nothing here may end
            // the loop that connects again.
        }
    }

    public void Dispose() => _client.Dispose();

    // Never waits, throws, publishes or disconnects: the library would stop its stream without a word.
    Task Receive(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        // Nothing is acknowledged past a message that was turned away: acknowledgements keep their order.
        if (_overflow.Task.IsCompleted && message.ApplicationMessage.QualityOfServiceLevel > 0)
            return Task.CompletedTask;
        Interlocked.Increment(ref _received);
        var delivery = reception.Receive(message.ApplicationMessage,
            _ => _acknowledgements.Writer.TryWrite(message));
        if (!queue.TryAdd(delivery) && delivery.Qos > 0)
            _overflow.TrySetResult();
        return Task.CompletedTask;
    }

    async Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _acknowledgements.Reader.ReadAllAsync(cancellationToken))
            {
                if (message.ApplicationMessage.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce)
                    await message.AcknowledgeAsync(cancellationToken);
                Interlocked.Increment(ref _acknowledged);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or NullReferenceException
            or ObjectDisposedException or MQTTnet.Exceptions.MqttCommunicationException
            or MQTTnet.Exceptions.MqttClientNotConnectedException or IOException)
        {
            // The connection is gone; what was not acknowledged on it comes again on the next one.
        }
    }

    MqttClientOptions ClientOptions()
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(options.Host, options.Port)
            .WithStreamProvider(new TapStreamProvider(queue))
            .WithClientId(options.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval(604_800)
            .WithReceiveMaximum(500)
            .WithMaximumPacketSize(16 << 20)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(30))
            .WithTimeout(Limit);
        if (options.User is { Length: > 0 })
            builder = builder.WithCredentials(options.User, options.Password ?? "");
        if (options.Tls)
            builder = builder.WithTlsOptions(tls => tls.UseTls());
        return builder.Build();
    }
}
