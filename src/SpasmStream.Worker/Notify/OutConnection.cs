using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Notify;

/// <summary>Where and as whom to publish.</summary>
sealed record OutTarget(
    string Host, int Port, string ClientId, string? User, string? Password, BrokerTls? Tls)
{
    /// <summary>
    /// Whether the connection speaks for the worker: online while it is open, else offline.
    /// </summary>
    public bool TellsStatus { get; init; } = true;

    /// <summary>
    /// Seconds of the keep-alive; after one and a half times that the broker says that we are gone.
    /// </summary>
    public int KeepAliveSeconds { get; init; } = 30;
}

/// <summary>
/// A connection for what goes out: its own client id and no session, so that it can never disturb the session
/// that receives. The broker says <c>offline</c> for us when we are gone.
/// </summary>
sealed class OutConnection(OutTarget target) : IDisposable
{
    const string Status = "spasmstream/v1/out/worker/status";
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    TlsHandshake? _tls;

    public bool IsOpen => _client.IsConnected;

    /// <summary>
    /// Connects and says that we are there; false when the broker refuses.
    /// <see cref="BrokerRefusedException"/> when TLS is why, with the reason.
    /// </summary>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        var result = await ConnectAsync(target.KeepAliveSeconds, cancellationToken);
        if (result is { ResultCode: MqttClientConnectResultCode.Success, ServerKeepAlive: var wanted and > 0 }
            && wanted < target.KeepAliveSeconds)
        {
            // The library goes on with its own keep-alive and is thrown out: come back with the broker's.
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), cancellationToken);
            _client.Dispose();
            _client = new MqttClientFactory().CreateMqttClient();
            result = await ConnectAsync(wanted, cancellationToken);
        }

        return result.ResultCode == MqttClientConnectResultCode.Success
            && (!target.TellsStatus
                || await PublishAsync(Status, "online"u8.ToArray(), retain: true, cancellationToken));
    }

    async Task<MqttClientConnectResult> ConnectAsync(
        int keepAliveSeconds, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        _tls?.Dispose();
        _tls = target.Tls?.Open();
        try
        {
            return await _client.ConnectAsync(ClientOptions(keepAliveSeconds), limit.Token);
        }
        catch (Exception fault) when (_tls?.Explain(fault) is not null)
        {
            throw new BrokerRefusedException(_tls.Explain(fault)!);
        }
    }

    MqttClientOptions ClientOptions(int keepAliveSeconds)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(target.Host, target.Port)
            .WithClientId(target.ClientId)
            .WithCleanStart()
            .WithSessionExpiryInterval(0)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(keepAliveSeconds));
        if (target.TellsStatus)
            builder = builder.WithWillTopic(Status).WithWillPayload("offline"u8.ToArray()).WithWillRetain()
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        if (target.User is { Length: > 0 })
            builder = builder.WithCredentials(target.User, target.Password ?? "");
        if (_tls is { } tls)
            builder = builder.WithTlsOptions(tls.Apply);
        return builder.Build();
    }

    /// <summary>
    /// True when the broker took it; it throws nothing when a broker refuses, so the answer is read.
    /// </summary>
    public async Task<bool> PublishAsync(
        string topic, byte[] payload, bool retain, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var result = await _client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithContentType("application/json")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithRetainFlag(retain)
            .Build(), limit.Token);
        return result.IsSuccess;
    }

    /// <summary>Says that we are gone, and goes.</summary>
    public async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            if (_client.IsConnected && (!target.TellsStatus
                || await PublishAsync(Status, "offline"u8.ToArray(), retain: true, limit.Token)))
                await _client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token);
        }
        catch (Exception)
        {
            // A courtesy: without it the broker publishes the will, and nothing here may end the loop.
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _tls?.Dispose();
    }
}
