using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Intake;

/// <summary>One connection over the library's client.</summary>
sealed class MqttLink : IBrokerLink
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    const uint SessionSeconds = 604_800;

    readonly MqttOptions _options;
    readonly int _keepAliveSeconds;
    readonly TakeMessages _take;
    readonly DeliveryQueue _queue;
    readonly Reception _reception;
    readonly LineWatch _watch;
    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly ConcurrentQueue<MqttApplicationMessageReceivedEventArgs> _unacknowledged = [];

    TlsHandshake? _tls;

    public MqttLink(MqttOptions options, int keepAliveSeconds, TakeMessages take, DeliveryQueue queue,
        Reception reception, TimeProvider time)
    {
        (_options, _keepAliveSeconds, _take) = (options, keepAliveSeconds, take);
        (_queue, _reception, _watch) = (queue, reception, new LineWatch(time));
    }

    public static OpenLink Opening(IOptions<MqttOptions> options, DeliveryQueue queue, Reception reception,
        TimeProvider time) => (keepAliveSeconds, take) =>
            new MqttLink(options.Value, keepAliveSeconds, take, queue, reception, time);

    public bool IsConnected => _client.IsConnected;

    public bool Reached => _watch.Reached;

    public TimeSpan Silence => _watch.Silence;

    public string Hint => _tls?.Hint ?? "";

    public async Task<BrokerWelcome> ConnectAsync(CancellationToken cancellationToken)
    {
        _client.ApplicationMessageReceivedAsync += Receive;
        using var limit = LimitTo(cancellationToken);
        try
        {
            _tls = _options.TlsInUse()?.Open();
            var answer = await _client.ConnectAsync(ClientOptions(), limit.Token);
            return new BrokerWelcome(answer.ResultCode, answer.IsSessionPresent,
                answer.SessionExpiryInterval ?? 0, answer.ServerKeepAlive);
        }
        catch (Exception fault) when (_tls?.Explain(fault) is { } why)
        {
            throw new BrokerRefusedException(why);
        }
    }

    public async Task<MqttClientSubscribeResultCode> SubscribeAsync(
        string filter, CancellationToken cancellationToken)
    {
        using var limit = LimitTo(cancellationToken);
        var answer = await _client.SubscribeAsync(Ask(filter), limit.Token);
        return answer.Items.First().ResultCode;
    }

    public async Task<MqttClientUnsubscribeResultCode> UnsubscribeAsync(
        string filter, CancellationToken cancellationToken)
    {
        using var limit = LimitTo(cancellationToken);
        var answer = await _client.UnsubscribeAsync(
            new MqttClientUnsubscribeOptions { TopicFilters = [filter] }, limit.Token);
        return answer.Items.First().ResultCode;
    }

    public async Task AcknowledgeAsync(ReadOnlyMemory<Receipt> run, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < run.Length && _unacknowledged.TryDequeue(out var message); i++)
                await message.AcknowledgeAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is NullReferenceException or ObjectDisposedException
            or MQTTnet.Exceptions.MqttCommunicationException
            or MQTTnet.Exceptions.MqttClientNotConnectedException)
        {
            throw new IOException("The connection is gone.", fault);
        }
    }

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
        if (message.ApplicationMessage.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce)
            _unacknowledged.Enqueue(message);
        _take([_reception.Receive(message.ApplicationMessage, message.PacketIdentifier, null)]);
        return Task.CompletedTask;
    }

    static CancellationTokenSource LimitTo(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        return limit;
    }

    static MqttClientSubscribeOptions Ask(string filter) => new()
    {
        TopicFilters =
        [
            new MqttTopicFilter
            {
                Topic = filter,
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                RetainHandling = MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly,
                RetainAsPublished = false,
            },
        ],
    };

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
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(_keepAliveSeconds))
            .WithTimeout(Limit);
        if (_options.User is { Length: > 0 })
            builder = builder.WithCredentials(_options.User, _options.Password ?? "");
        if (_tls is { } tls)
            builder = builder.WithTlsOptions(tls.Apply);
        return builder.Build();
    }
}
