using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Notify;

/// <summary>Where and as whom to publish.</summary>
sealed record OutTarget(string Host, int Port, string ClientId, string? User, string? Password, bool Tls)
{
    /// <summary>
    /// Whether the connection speaks for the worker: online while it is open, else offline.
    /// </summary>
    public bool TellsStatus { get; init; } = true;
}

/// <summary>
/// A connection for what goes out: its own client id and no session, so that it can never disturb the session
/// that receives. The broker says <c>offline</c> for us when we are gone.
/// </summary>
sealed class OutConnection(OutTarget target) : IDisposable
{
    const string Status = "spasmstream/v1/out/worker/status";
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    public bool IsOpen => _client.IsConnected;

    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(target.Host, target.Port)
            .WithClientId(target.ClientId)
            .WithCleanStart()
            .WithSessionExpiryInterval(0)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(30));
        if (target.TellsStatus)
            builder = builder.WithWillTopic(Status).WithWillPayload("offline"u8.ToArray()).WithWillRetain()
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        if (target.User is { Length: > 0 })
            builder = builder.WithCredentials(target.User, target.Password ?? "");
        if (target.Tls)
            builder = builder.WithTlsOptions(tls => tls.UseTls());
        var result = await _client.ConnectAsync(builder.Build(), limit.Token);
        return result.ResultCode == MqttClientConnectResultCode.Success
            && (!target.TellsStatus
                || await PublishAsync(Status, "online"u8.ToArray(), retain: true, cancellationToken));
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

    public void Dispose() => _client.Dispose();
}
