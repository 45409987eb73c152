using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// What devices publish: ruled on, handed to the corridor, and answered with what became of it.
/// </summary>
sealed class Messages(
    Connections connections, AccessControl access, Inlet inlet, SecurityJournal journal, Retained retained,
    Func<string, MqttDisconnectReasonCode, Task> drop)
{
    public async Task ReceiveAsync(InterceptingPacketEventArgs incoming)
    {
        // The library would answer it without an identifier, and throw where nobody looks.
        if (incoming.Packet is MqttPubRelPacket { PacketIdentifier: 0 }
            or MqttPubRecPacket { PacketIdentifier: 0 } or MqttSubscribePacket { PacketIdentifier: 0 }
            or MqttUnsubscribePacket { PacketIdentifier: 0 } or MqttPublishPacket
            {
                PacketIdentifier: 0, QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce,
            })
        {
            await CloseAsync(incoming, "no packet id", MqttDisconnectReasonCode.ProtocolError);
            return;
        }

        if (incoming.Packet is not MqttPublishPacket publish)
            return;
        Inlet.Announce(publish.PacketIdentifier, incoming.SessionItems);
        // We offer no topic aliases, and the library would keep any number of them.
        if (publish.TopicAlias > 0)
            await CloseAsync(incoming, "topic alias", MqttDisconnectReasonCode.TopicAliasInvalid);
        else if (publish.Payload.Length > GuardedChannel.PayloadMax)
            await CloseAsync(incoming, "size", MqttDisconnectReasonCode.PacketTooLarge);
    }

    public async Task PublishAsync(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        var (user, topic) = (connections.UserOf(publish.ClientId), message.Topic ?? "");
        var ruling = user is null ? Ruling.Denied : access.Publish(user, topic);
        publish.ProcessPublish = user == InternalAccount.User && ruling == Ruling.Granted;
        if (ruling == Ruling.Denied)
        {
            publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            // An older client knows no such answer: it would take it for kept.
            publish.CloseConnection = !connections.KnowsReasons(publish.ClientId);
            journal.Write("denied", user, "publish");
            return;
        }

        if (ruling == Ruling.Suspicious)
            journal.Write("denied", user, "topic");
        if (publish.ProcessPublish)
        {
            message.Retain = message.Retain && retained.MayKeep(topic, message.Payload.Length);
            return;
        }

        var outcome = await inlet.TakeAsync(message, publish.SessionItems, it => Tell(it.Reason, user),
            connections.KeepAliveOf(publish.ClientId), publish.CancellationToken);
        // A code of 0x80 and above would tell the sender never to send again; what may succeed later is
        // answered by closing the connection without a PUBACK.
        if (outcome is not { } kept)
            publish.CloseConnection = true;
        else
            publish.Response.ReasonCode = Answers.To(kept.Reason);
    }

    async Task CloseAsync(
        InterceptingPacketEventArgs incoming, string why, MqttDisconnectReasonCode reason)
    {
        incoming.ProcessPacket = false;
        journal.Write("denied", connections.UserOf(incoming.ClientId), why);
        await drop(incoming.ClientId, reason);
    }

    void Tell(string? reason, string? user)
    {
        if (reason is Reasons.Unauthorised or Reasons.WearerMismatch)
            journal.Write(reason == Reasons.WearerMismatch ? "mismatch" : "denied", user, "wearer");
    }
}
