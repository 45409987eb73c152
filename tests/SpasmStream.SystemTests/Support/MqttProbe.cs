using System.Collections.Concurrent;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace SpasmStream.SystemTests.Support;

/// <summary>A message as a subscriber sees it.</summary>
sealed record Received(string Topic, string Payload, bool Retained);

/// <summary>Keeps book: which ids it sent at QoS 1, and which were acknowledged as kept.</summary>
sealed class MqttProbe : IAsyncDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly ConcurrentQueue<string> _sent = new();
    readonly ConcurrentDictionary<string, MqttClientPublishReasonCode> _answers = new();
    readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();

    MqttProbe()
    {
        _client.ApplicationMessageReceivedAsync += message =>
        {
            var what = message.ApplicationMessage;
            _received.Writer.TryWrite(new(what.Topic, what.ConvertPayloadToString() ?? "", what.Retain));
            return Task.CompletedTask;
        };
    }

    /// <summary>Every id handed to <see cref="PublishAsync"/>, in that order.</summary>
    public IReadOnlyCollection<string> Sent => _sent;

    /// <summary>Ids answered by a PUBACK below 0x80: whoever sent it owes them.</summary>
    public IReadOnlyCollection<string> Acknowledged =>
        [.. _answers.Where(it => (int)it.Value < 0x80).Select(it => it.Key)];

    /// <summary>Ids answered by a PUBACK of 0x80 or more, with the code.</summary>
    public IReadOnlyDictionary<string, MqttClientPublishReasonCode> Refused =>
        _answers.Where(it => (int)it.Value >= 0x80).ToDictionary();

    public static async Task<MqttProbe> ConnectAsync(
        int port, string clientId = "probe", string? account = null, string? password = null)
    {
        var probe = new MqttProbe();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(clientId)
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithCleanStart();
        if (account is not null)
            options.WithCredentials(account, password);
        using var stop = new CancellationTokenSource(_patience);
        var answer = await probe._client.ConnectAsync(options.Build(), stop.Token);
        Assert.Equal(MqttClientConnectResultCode.Success, answer.ResultCode);
        return probe;
    }

    /// <summary>QoS 1. True once acknowledged as kept; false when refused or cut off.</summary>
    public async Task<bool> PublishAsync(string id, string topic, string payload)
    {
        _sent.Enqueue(id);
        var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        using var stop = new CancellationTokenSource(_patience);
        try
        {
            var answer = await _client.PublishAsync(message, stop.Token);
            _answers[id] = answer.ReasonCode;
            return answer.IsSuccess;
        }
        catch (Exception fault) when (fault is MqttCommunicationException or OperationCanceledException
            or MqttClientNotConnectedException or MqttClientDisconnectedException)
        {
            // Nobody acknowledged it: it may be lost, it may be kept, and both are allowed.
            return false;
        }
    }

    public async Task SubscribeAsync(string filter)
    {
        using var stop = new CancellationTokenSource(_patience);
        var answer = await _client.SubscribeAsync(
            filter, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: stop.Token);
        foreach (var item in answer.Items)
            Assert.True((int)item.ResultCode <= 2, $"{filter}: {item.ResultCode}");
    }

    /// <summary>The next message of the subscriptions.</summary>
    public async Task<Received> NextAsync(TimeSpan? within = null)
    {
        using var stop = new CancellationTokenSource(within ?? _patience);
        return await _received.Reader.ReadAsync(stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected)
            await _client.TryDisconnectAsync();
        _client.Dispose();
    }
}
