using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using NodaTime;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// One connection to the broker, from CONNECT to its end. It is never used again: an acknowledgement belongs
/// to its connection, and on a later one the same packet id is another message.
/// </summary>
sealed class IntakeConnection : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    const uint SessionSeconds = 604_800;
    static readonly TimeSpan LastCommit = TimeSpan.FromSeconds(2);
    static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(60);

    readonly MqttOptions _options;
    readonly DeliveryQueue _queue;
    readonly Reception _reception;
    readonly TimeProvider _time;
    readonly LineWatch _watch;
    readonly Subscriptions _subscriptions;
    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly Channel<MqttApplicationMessageReceivedEventArgs> _acknowledgements =
        Channel.CreateUnbounded<MqttApplicationMessageReceivedEventArgs>(
            new UnboundedChannelOptions { SingleReader = true });
    readonly TaskCompletionSource _overflow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    TlsHandshake? _tls;
    long _received;
    long _acknowledged;

    public IntakeConnection(MqttOptions options, int keepAliveSeconds, DeliveryQueue queue,
        Reception reception, TimeProvider time)
    {
        (_options, _queue, _reception, _time) = (options, queue, reception, time);
        KeepAliveSeconds = keepAliveSeconds;
        _watch = new LineWatch(time);
        _subscriptions = new Subscriptions(_client, options.FiltersInUse());
    }

    /// <summary>Seconds of the keep-alive: ours, or less when the broker says so.</summary>
    public int KeepAliveSeconds { get; private set; }

    /// <summary>Why the broker refused, in its own words, for the log.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>What may be the matter when the connection just ended, else empty.</summary>
    public string Hint => _tls?.Hint ?? "";

    /// <summary>Whether somebody answered at the broker's address.</summary>
    public bool Reached => _watch.Reached;

    /// <summary>Whether the broker had kept our session.</summary>
    public bool SessionPresent { get; private set; }

    /// <summary>Since when nothing has come over the line; a closed tap is no silence.</summary>
    public TimeSpan Silence => _watch.Silence;

    /// <summary>Connects and subscribes; null when we listen, else how it ended.</summary>
    public async Task<IntakeEnd?> OpenAsync(SessionBook book, CancellationToken cancellationToken)
    {
        _client.ApplicationMessageReceivedAsync += Receive;
        if (await ConnectAsync(cancellationToken) is not { } connected)
            return IntakeEnd.Refused;
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
        {
            Refusal = connected.ResultCode.ToString();
            return connected.ResultCode is MqttClientConnectResultCode.BadUserNameOrPassword
                or MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.Banned
                or MqttClientConnectResultCode.ClientIdentifierNotValid
                ? IntakeEnd.Refused : IntakeEnd.Cut;
        }

        SessionPresent = connected.IsSessionPresent;
        // The library says 0 where the broker says nothing, which means: as we asked.
        book.Expiry = Duration.FromSeconds(connected.SessionExpiryInterval is > 0 and < SessionSeconds
            and var shorter ? shorter : SessionSeconds);
        // Written down before anything else: the next answer will say that there is a session, this new one.
        book.Connected(SessionPresent);
        // The library goes on with its own keep-alive and is thrown out; so we come back with the broker's.
        if (connected.ServerKeepAlive > 0 && connected.ServerKeepAlive < KeepAliveSeconds)
        {
            KeepAliveSeconds = connected.ServerKeepAlive;
            return IntakeEnd.KeepAlive;
        }

        await _subscriptions.SubscribeAsync(cancellationToken);
        Refusal = _subscriptions.Refusal;
        if (_subscriptions.AllDenied)
            return IntakeEnd.Refused;
        book.Subscribed(await _subscriptions.UnsubscribeAsync(book.Filters, cancellationToken));
        return null;
    }

    async Task<MqttClientConnectResult?> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            _tls = _options.TlsInUse()?.Open();
            return await _client.ConnectAsync(ClientOptions(), limit.Token);
        }
        catch (BrokerRefusedException fault)
        {
            Refusal = fault.Message;
            return null;
        }
        catch (Exception fault) when (_tls?.Explain(fault) is not null)
        {
            Refusal = _tls.Explain(fault)!;
            return null;
        }
    }

    /// <summary>
    /// Acknowledges in order of arrival until the connection ends; <paramref name="look"/> is called all the
    /// while.
    /// </summary>
    public async Task ListenAsync(Action look, CancellationToken cancellationToken)
    {
        using var ended = new CancellationTokenSource();
        var acknowledging = AcknowledgeAsync(ended.Token);
        var asked = _time.GetTimestamp();
        // The library's events are late and unreliable about an end; its flag is not. It has also been known
        // to call a dead line connected, so silence ends it too.
        while (_client.IsConnected && !acknowledging.IsCompleted && !_overflow.Task.IsCompleted
            && !_queue.IsShut && !cancellationToken.IsCancellationRequested
            && Silence.TotalSeconds < 2 * KeepAliveSeconds)
        {
            look();
            await Task.WhenAny(acknowledging, _overflow.Task,
                Task.Delay(TimeSpan.FromMilliseconds(250), _time, cancellationToken));
            if (Refusal.Length > 0 && _time.GetElapsedTime(asked) >= AskAgain)
            {
                asked = _time.GetTimestamp();
                await _subscriptions.SubscribeAsync(cancellationToken);
                Refusal = _subscriptions.Refusal;
            }
        }

        // Stopping: what a running commit holds is still acknowledged; the rest comes again.
        if (cancellationToken.IsCancellationRequested)
            await Task.WhenAny(
                acknowledging, SettledAsync(), Task.Delay(LastCommit, _time, CancellationToken.None));
        await ended.CancelAsync();
        await acknowledging;
    }

    async Task SettledAsync()
    {
        var received = Volatile.Read(ref _received);
        while (Volatile.Read(ref _acknowledged) < received)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, CancellationToken.None);
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

    public void Dispose()
    {
        _client.Dispose();
        _tls?.Dispose();
    }

    // Never waits, throws, publishes or disconnects: the library would stop its stream without a word.
    Task Receive(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        // Nothing is acknowledged past a message that was turned away: acknowledgements keep their order.
        if (_overflow.Task.IsCompleted && message.ApplicationMessage.QualityOfServiceLevel > 0)
            return Task.CompletedTask;
        Interlocked.Increment(ref _received);
        var delivery = _reception.Receive(message.ApplicationMessage, message.PacketIdentifier,
            _ => _acknowledgements.Writer.TryWrite(message));
        if (!_queue.TryAdd(delivery) && delivery.Qos > 0)
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
            .WithTcpServer(_options.Host, _options.Port)
            .WithStreamProvider(new TapStreamProvider(_queue, _watch))
            .WithClientId(_options.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval(SessionSeconds)
            .WithReceiveMaximum(500)
            .WithMaximumPacketSize(16 << 20)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(KeepAliveSeconds))
            .WithTimeout(Limit);
        if (_options.User is { Length: > 0 })
            builder = builder.WithCredentials(_options.User, _options.Password ?? "");
        if (_tls is { } tls)
            builder = builder.WithTlsOptions(tls.Apply);
        return builder.Build();
    }
}
