using System.Buffers;
using System.Text;
using Microsoft.Extensions.Options;
using MQTTnet;
using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Worker;

/// <summary>Makes a delivery of an MQTT message: copies its bytes; the queue stamps its receipt.</summary>
sealed class Reception(IOptions<IntakeOptions> options)
{
    const int PropertiesMax = 32;

    public Delivery Receive(
        MqttApplicationMessage message, ushort packetId, Acknowledge? acknowledge)
    {
        var stated = options.Value.Replay ? StatedReceipt(message) : null;
        return new Delivery
        {
            Topic = message.Topic ?? "",
            Payload = message.Payload.ToArray(),
            Received = stated ?? default,
            Replayed = stated is not null,
            Retained = message.Retain,
            Dup = message.Dup,
            PacketId = packetId,
            Qos = (int)message.QualityOfServiceLevel,
            TooManyProperties = message.UserProperties?.Count > PropertiesMax,
            Acknowledge = acknowledge,
        };
    }

    static Instant? StatedReceipt(MqttApplicationMessage message)
    {
        if (message.UserProperties is null)
            return null;
        foreach (var property in message.UserProperties)
            if (property.Name == "received"
                && InstantPattern.ExtendedIso.Parse(Encoding.UTF8.GetString(property.ValueBuffer.Span))
                    is { Success: true } parsed)
                return Instant.FromUnixTimeMilliseconds(parsed.Value.ToUnixTimeMilliseconds());
        return null;
    }
}
