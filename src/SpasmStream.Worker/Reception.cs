using System.Buffers;
using System.Text;
using Microsoft.Extensions.Options;
using MQTTnet;

namespace SpasmStream.Worker;

/// <summary>Makes a delivery of an MQTT message: copies its bytes; the queue stamps its receipt.</summary>
sealed class Reception(IOptions<IntakeOptions> options)
{
    /// <summary>For the user properties of a message that is yet to be read.</summary>
    public UserProperties Properties() => new(options.Value.Replay);

    public Delivery Receive(
        MqttApplicationMessage message, ushort packetId, Acknowledge acknowledge)
    {
        Failpoint.Hit("after_receive");
        var said = Properties();
        foreach (var property in message.UserProperties ?? [])
            said.Add(Encoding.UTF8.GetBytes(property.Name), property.ValueBuffer.Span);
        var (payload, refused) = PackedPayload.Open(said, message.Payload.ToArray());
        return new Delivery
        {
            Topic = message.Topic ?? "",
            Payload = payload,
            Received = said.Received ?? default,
            Replayed = said.Received is not null,
            Retained = message.Retain,
            Dup = message.Dup,
            PacketId = packetId,
            Qos = (int)message.QualityOfServiceLevel,
            Refused = refused,
            Acknowledge = acknowledge,
        };
    }
}
