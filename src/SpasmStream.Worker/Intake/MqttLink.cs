using System.Net.Sockets;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// One connection over the library's client: it does all of the protocol but the messages, which
/// <see cref="BulkAdapter"/> takes and acknowledges.
/// </summary>
sealed class MqttLink : IBrokerLink, IMqttClientAdapterFactory
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    const uint SessionSeconds = 604_800;

    // As much as the queue's high water mark grows to: a smaller window would keep commits small.
    const ushort ReceiveMaximum = 8_000;

    readonly MqttOptions _options;
    readonly int _keepAliveSeconds;
    readonly TakeMessages _take;
    readonly DeliveryQueue _queue;
    readonly Reception _reception;
    readonly LineWatch _watch;
    readonly LineStreamProvider _line;
    readonly IMqttClient _client;

    Func<Task> _reached = () => Task.CompletedTask;
    BulkAdapter? _adapter;
    TlsHandshake? _tls;

    public MqttLink(MqttOptions options, int keepAliveSeconds, TakeMessages take, DeliveryQueue queue,
        Reception reception, TimeProvider time)
    {
        (_options, _keepAliveSeconds, _take) = (options, keepAliveSeconds, take);
        (_queue, _reception, _watch) = (queue, reception, new LineWatch(time));
        _line = new LineStreamProvider(_watch);
        _client = new MqttClientFactory().CreateMqttClient(this);
    }

    public static OpenLink Opening(IOptions<MqttOptions> options, DeliveryQueue queue, Reception reception,
        TimeProvider time) => (keepAliveSeconds, take) =>
            new MqttLink(options.Value, keepAliveSeconds, take, queue, reception, time);

    public bool IsConnected => _client.IsConnected;

    public bool Reached => _watch.Reached;

    public TimeSpan Silence => _watch.Silence;

    public string Hint => _tls?.Hint ?? "";

    public async Task<BrokerWelcome> ConnectAsync(Func<Task> reached, CancellationToken cancellationToken)
    {
        _reached = reached;
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
            await _adapter!.AcknowledgeAsync(run, cancellationToken);
        }
        catch (Exception fault) when (fault is ObjectDisposedException or NullReferenceException
            or SocketException or MqttCommunicationException)
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

    /// <summary>The library asks once, when it connects.</summary>
    IMqttChannelAdapter IMqttClientAdapterFactory.CreateClientAdapter(
        MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
        _adapter = new BulkAdapter(new MqttTcpChannel(options),
            new MqttPacketFormatterAdapter(options.ProtocolVersion,
                new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax)),
            _queue, new PacketStream(_reception), _watch, _line, _reached, _take);

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
            .WithStreamProvider(_line)
            .WithClientId(_options.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval(SessionSeconds)
            .WithReceiveMaximum(ReceiveMaximum)
            .WithMaximumPacketSize(PacketStream.PacketBytesMax)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(_keepAliveSeconds))
            .WithTimeout(Limit);
        if (_options.User is { Length: > 0 })
            builder = builder.WithCredentials(_options.User, _options.Password ?? "");
        if (_tls is { } tls)
            builder = builder.WithTlsOptions(tls.Apply);
        return builder.Build();
    }
}
