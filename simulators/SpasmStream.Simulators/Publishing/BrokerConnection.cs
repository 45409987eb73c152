using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Simulators.Publishing;

/// <summary>One connection on one client object; it is never connected twice (M1).</summary>
sealed class BrokerConnection : IDisposable
{
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    readonly IMqttClient _client;

    BrokerConnection(IMqttClient client) => _client = client;

    /// <summary>
    /// Connects, or throws: <see cref="BrokerUnavailableException"/> when trying again is of no use.
    /// </summary>
    public static async Task<BrokerConnection> OpenAsync(
        BrokerAddress address, string suffix, CancellationToken cancellationToken)
    {
        var keepAlive = KeepAlive;
        while (true)
        {
            var connection = new BrokerConnection(new MqttClientFactory().CreateMqttClient());
            try
            {
                var options = address.Options(suffix, keepAlive);
                var result = await connection.ConnectAsync(options, cancellationToken);
                Check(result, address);

                // The client keeps its own keep-alive whatever the broker states, and would be dropped (M7).
                if (result.ServerKeepAlive == 0 || result.ServerKeepAlive >= keepAlive.TotalSeconds)
                    return connection;
                keepAlive = TimeSpan.FromSeconds(result.ServerKeepAlive);
                connection.Dispose();
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Sends one message; the task ends with the broker's acknowledgement. Calls made one after the other,
    /// without waiting, reach the wire in that order.
    /// </summary>
    public async Task<PublishReceipt> PublishAsync(WireMessage message, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        var result = await _client.PublishAsync(Wire(message), limit.Token);

        // A code of 0x80 or more means "taken, do not send again": the broker will not have it, ever.
        return new(message, result.IsSuccess ? null : $"{result.ReasonCode} {result.ReasonString}".TrimEnd());
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        await _client.DisconnectAsync(new(), limit.Token);
    }

    public void Dispose() => _client.Dispose();

    async Task<MqttClientConnectResult> ConnectAsync(
        MqttClientOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        return await _client.ConnectAsync(options, limit.Token);
    }

    static void Check(MqttClientConnectResult result, BrokerAddress address)
    {
        switch (result.ResultCode)
        {
            case MqttClientConnectResultCode.Success:
                return;
            case MqttClientConnectResultCode.ServerUnavailable:
            case MqttClientConnectResultCode.ServerBusy:
            case MqttClientConnectResultCode.QuotaExceeded:
            case MqttClientConnectResultCode.ConnectionRateExceeded:
            case MqttClientConnectResultCode.UnspecifiedError:
                throw new IOException($"The broker is not ready: {result.ResultCode}.");
            default:
                throw new BrokerUnavailableException(
                    $"The broker at {address} refused the connection: {result.ResultCode}. "
                    + $"Check the user and {BrokerAddress.PasswordVariable}.");
        }
    }

    static MqttApplicationMessage Wire(WireMessage message) => new()
    {
        Topic = message.Topic,
        PayloadSegment = message.Payload.ToArray(),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos,
        Retain = message.Retain,
        ContentType = message.IsJson ? "application/json" : null,
        UserProperties = message.ReceivedText is { } received
            ? [new(WireMessage.ReceivedProperty, Encoding.UTF8.GetBytes(received).AsMemory())]
            : null,
    };
}
