using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Who may read what: asked at the subscription, and again for every message that goes out.
/// </summary>
sealed class Readers(Connections connections, AccessControl access, SecurityJournal journal)
{
    public Task Subscribe(InterceptingSubscriptionEventArgs subscription)
    {
        var (user, filter) =
            (connections.UserOf(subscription.ClientId), subscription.TopicFilter.Topic ?? "");
        var ruling = user is null ? FilterRuling.Denied : access.Read(user, filter);
        var mayHaveMore = ruling == FilterRuling.Granted
            && connections.TryAddFilter(subscription.ClientId, filter);
        if (mayHaveMore)
            return Task.CompletedTask;
        subscription.ProcessSubscription = false;
        subscription.Response.ReasonCode = ruling switch
        {
            FilterRuling.Granted => MqttSubscribeReasonCode.QuotaExceeded,
            FilterRuling.Invalid => MqttSubscribeReasonCode.TopicFilterInvalid,
            _ => MqttSubscribeReasonCode.NotAuthorized,
        };
        journal.Write("denied", user, "subscribe");
        return Task.CompletedTask;
    }

    // Under the library's lock: nothing here may wait.
    public Task Unsubscribe(InterceptingUnsubscriptionEventArgs unsubscription)
    {
        connections.RemoveFilter(unsubscription.ClientId, unsubscription.Topic);
        return Task.CompletedTask;
    }

    public Task Enqueue(InterceptingClientApplicationMessageEnqueueEventArgs outgoing)
    {
        outgoing.AcceptEnqueue = MayRead(outgoing.ReceiverClientId, outgoing.ApplicationMessage.Topic);
        return Task.CompletedTask;
    }

    // What waited in a queue while a right was taken away does not go out; and we say what we do not offer.
    public Task Send(InterceptingPacketEventArgs outgoing)
    {
        if (outgoing.Packet is MqttPublishPacket publish)
            outgoing.ProcessPacket = MayRead(outgoing.ClientId, publish.Topic);
        else if (outgoing.Packet is MqttConnAckPacket welcome)
            (welcome.TopicAliasMaximum, welcome.SharedSubscriptionAvailable) = (0, false);
        return Task.CompletedTask;
    }

    bool MayRead(string clientId, string topic) => connections.UserOf(clientId) is { } user
        && access.Read(user, topic) == FilterRuling.Granted;
}
