using System.Buffers.Binary;
using MQTTnet.Exceptions;

namespace SpasmStream.Worker.Intake;

/// <summary>Makes deliveries of the bodies of PUBLISH packets of MQTT 5.</summary>
sealed class PublishReader(Reception reception)
{
    readonly TopicCache _topics = new();
    readonly PayloadArena _arena = new();

    /// <summary>A delivery with a payload of its own; throws when the packet breaks the protocol.</summary>
    /// <param name="flags">DUP, QoS and RETAIN, as they stand in the first byte.</param>
    /// <param name="body">What follows the length.</param>
    public Delivery Read(int flags, ReadOnlySpan<byte> body)
    {
        var qos = (flags >> 1) & 3;
        if (qos == 3)
            throw Broken("a PUBLISH of QoS 3");
        var topic = Text(ref body);
        var packetId = qos > 0 ? Number(ref body) : 0;
        if (qos > 0 && packetId == 0)
            throw Broken("a packet identifier of 0");
        var said = reception.Properties();
        ReadProperties(Take(ref body, Length(ref body)), ref said);
        var (payload, refused) = PackedPayload.Open(said, _arena.Keep(body));
        Failpoint.Hit("after_receive");
        return new Delivery
        {
            Topic = _topics.Text(topic),
            Payload = payload,
            Received = said.Received ?? default,
            Replayed = said.Received is not null,
            Retained = (flags & 1) != 0,
            Dup = (flags & 8) != 0,
            PacketId = (ushort)packetId,
            Qos = qos,
            Refused = refused,
        };
    }

    static void ReadProperties(ReadOnlySpan<byte> left, ref UserProperties said)
    {
        while (!left.IsEmpty)
            switch (Take(ref left, 1)[0])
            {
                case 0x01: // payload format
                    Take(ref left, 1);
                    break;
                case 0x02: // message expiry
                    Take(ref left, 4);
                    break;
                case 0x03: // content type
                case 0x08: // response topic
                case 0x09: // correlation data
                    Text(ref left);
                    break;
                case 0x0B: // subscription identifier
                    Length(ref left);
                    break;
                case 0x26: // user property
                    var name = Text(ref left);
                    said.Add(name, Text(ref left));
                    break;
                case 0x23:
                    throw Broken("a topic alias, and we take none");
                case var other:
                    throw Broken($"the property 0x{other:X2} in a PUBLISH");
            }
    }

    static ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> left) => Take(ref left, Number(ref left));

    static int Number(ref ReadOnlySpan<byte> left) => BinaryPrimitives.ReadUInt16BigEndian(Take(ref left, 2));

    static int Length(ref ReadOnlySpan<byte> left)
    {
        if (!VariableLength.TryRead(left, out var length, out var digits))
            throw Broken("a length that ends too early");
        left = left[digits..];
        return length;
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> left, int count)
    {
        if (count > left.Length)
            throw Broken("a PUBLISH that is shorter than it says");
        var taken = left[..count];
        left = left[count..];
        return taken;
    }

    static MqttProtocolViolationException Broken(string what) => VariableLength.Broken(what);
}
