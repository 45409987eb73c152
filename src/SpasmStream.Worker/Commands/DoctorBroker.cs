using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Commands;

/// <summary>A broker and as whom to try it.</summary>
sealed record BrokerToTry(string Host, int Port, string ClientId, string? User, string? Password,
    BrokerTls? Tls, IReadOnlyList<string> Filters, bool Publishes);

/// <summary>
/// Tries a broker step by step, each with a limit of its own: name, port, TLS, account, what may be read and
/// published. It comes as a client of its own that leaves no session, so the worker's is not disturbed.
/// </summary>
sealed class DoctorBroker(BrokerToTry broker, TimeProvider time)
{
    const string Area = "broker";
    const string Probe = "spasmstream/v1/out/worker/doctor";
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan CertificateSoon = TimeSpan.FromDays(21);

    readonly List<DoctorFinding> _findings = [];

    string At => $"{broker.Host}:{broker.Port}";

    /// <summary>Ends at the first step without which the next ones make no sense.</summary>
    public async Task<IReadOnlyList<DoctorFinding>> TryAsync(CancellationToken cancellationToken)
    {
        if (await WithinAsync(NameAsync, "did not answer for its name", cancellationToken)
            && await WithinAsync(PortAsync, "did not take a connection", cancellationToken))
            await WithinAsync(MqttAsync, "did not answer", cancellationToken);
        return _findings;
    }

    /// <summary>Only whether somebody listens, where there is no account to come with.</summary>
    public async Task<IReadOnlyList<DoctorFinding>> TryPortAsync(CancellationToken cancellationToken)
    {
        if (await WithinAsync(PortAsync, "did not take a connection", cancellationToken))
            Ok("Of the accounts only hashes of passwords are known here, so none was tried.");
        return _findings;
    }

    async Task<bool> WithinAsync(
        Func<CancellationToken, Task<bool>> step, string late, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await step(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"{At} {late} within 5 seconds.", "Check the network, and that the broker runs.");
        }
        // Whatever the network or the library throws, it is the answer to what was tried.
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return Failed($"{At} {late}: {fault.GetBaseException().Message.TrimEnd('.')}.",
                "Check Mqtt:Host and Mqtt:Port, and that the broker runs and may be reached.");
        }
    }

    async Task<bool> NameAsync(CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(broker.Host, cancellationToken);
        return addresses.Length > 0
            ? Ok($"{broker.Host} is {string.Join(", ", addresses.Take(3).Select(it => it.ToString()))}.")
            : Failed($"{broker.Host} has no address.", "Check Mqtt:Host.");
    }

    async Task<bool> PortAsync(CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Host, broker.Port, cancellationToken);
        return Ok($"{At} takes connections.");
    }

    async Task<bool> MqttAsync(CancellationToken cancellationToken)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var handshake = broker.Tls?.Open();
        MqttClientConnectResult answer;
        try
        {
            answer = await client.ConnectAsync(Options(handshake), cancellationToken);
        }
        catch (Exception fault) when (handshake is not null
            && (handshake.Explain(fault) ?? handshake.Hint).Length > 0)
        {
            return Failed($"{At}: {handshake.Explain(fault) ?? handshake.Hint}",
                "Use the name the certificate is for, and name its authority in Mqtt:CaFile.");
        }

        if (handshake is not null)
            Certificate(handshake);
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
            return Failed($"{At} refuses the account: {answer.ResultCode} (0x{(int)answer.ResultCode:X2}).",
                "Check Mqtt:User and Mqtt:Password, and that the broker knows them.");
        Ok("The account is accepted.");
        foreach (var filter in broker.Filters)
            await SubscribeAsync(client, filter, cancellationToken);
        if (broker.Publishes)
            await PublishAsync(client, cancellationToken);
        if (broker.Filters.Count > 0)
            Ok("What the broker keeps for us while we are away cannot be seen from here.",
                "Check there: persistence is on, max_queued_messages fits your longest stop, "
                + "max_inflight_messages is at least 20, no expiry of sessions below a week.");
        await client.DisconnectAsync(new MqttClientDisconnectOptions(), cancellationToken);
        return true;
    }

    async Task SubscribeAsync(IMqttClient client, string filter, CancellationToken cancellationToken)
    {
        var answer = await client.SubscribeAsync(new MqttClientSubscribeOptions
        {
            TopicFilters =
            [
                new MqttTopicFilter
                {
                    Topic = filter,
                    QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                    RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
                },
            ],
        }, cancellationToken);
        foreach (var item in answer.Items)
            if ((int)item.ResultCode >= 0x80)
                Failed($"{filter} may not be subscribed to: {item.ResultCode} (0x{(int)item.ResultCode:X2}).",
                    "Allow the account to read it at the broker.");
            else
                Ok($"{filter} may be subscribed to.",
                    item.ResultCode == MqttClientSubscribeResultCode.GrantedQoS0
                        ? "The broker grants QoS 0 only: allow QoS 1." : "");
    }

    async Task PublishAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        var answer = await client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(Probe)
            .WithPayload("""{"v":1}""")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build(), cancellationToken);
        if ((int)answer.ReasonCode >= 0x80)
            Failed("spasmstream/v1/out/# may not be published: "
                + $"{answer.ReasonCode} (0x{(int)answer.ReasonCode:X2}).",
                "Allow the account to write it at the broker, or set Notify:Mqtt to false.");
        else
            Ok("spasmstream/v1/out/# may be published.");
    }

    void Certificate(TlsHandshake handshake)
    {
        if (handshake.Ends - time.GetUtcNow() < CertificateSoon)
            Warning($"The certificate of {At} expires on {handshake.Ends:yyyy-MM-dd}.", "Renew it.");
        else
            Ok($"TLS is trusted; the certificate ends on {handshake.Ends:yyyy-MM-dd}.");
    }

    MqttClientOptions Options(TlsHandshake? handshake)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(broker.Host, broker.Port)
            .WithClientId($"{broker.ClientId}{RandomNumberGenerator.GetHexString(8, lowercase: true)}")
            .WithCleanStart()
            .WithSessionExpiryInterval(0)
            .WithTimeout(Limit);
        if (broker.User is { Length: > 0 })
            builder = builder.WithCredentials(broker.User, broker.Password ?? "");
        if (handshake is not null)
            builder = builder.WithTlsOptions(handshake.Apply);
        return builder.Build();
    }

    bool Ok(string seen, string advice = "")
    {
        _findings.Add(DoctorFinding.Ok(Area, seen, advice));
        return true;
    }

    bool Warning(string seen, string advice)
    {
        _findings.Add(DoctorFinding.Warning(Area, seen, advice));
        return true;
    }

    bool Failed(string seen, string advice)
    {
        _findings.Add(DoctorFinding.Failed(Area, seen, advice));
        return false;
    }
}
