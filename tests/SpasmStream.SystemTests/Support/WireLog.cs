using System.Buffers.Binary;
using System.Text;

namespace SpasmStream.SystemTests.Support;

/// <summary>A QoS 1 PUBLISH as it went by.</summary>
sealed record LoggedPublish(int PacketId, bool Dup, string Topic, string Payload);

/// <summary>What went over one connection of MQTT 5: whole packets, in order, each direction apart.</summary>
sealed class WireLog
{
    readonly Lock _gate = new();
    readonly List<byte> _restUp = [];
    readonly List<byte> _restDown = [];
    readonly List<Packet> _up = [];
    readonly List<Packet> _down = [];

    /// <summary>What the worker sent.</summary>
    public IReadOnlyList<Packet> Up { get { lock (_gate) return [.. _up]; } }

    /// <summary>What the broker sent.</summary>
    public IReadOnlyList<Packet> Down { get { lock (_gate) return [.. _down]; } }

    /// <summary>QoS 1 messages that reached the worker whole.</summary>
    public List<LoggedPublish> Publishes() =>
        [.. Down.Where(packet => packet.Type == 3 && (packet.Flags & 6) == 2).Select(Read)];

    /// <summary>The packet ids that the worker acknowledged.</summary>
    public List<int> Acknowledged() =>
        [.. Up.Where(packet => packet.Type == RawMqtt.PubackType)
        .Select(packet => (int)BinaryPrimitives.ReadUInt16BigEndian(packet.Body))];

    /// <summary>Every PUBACK answers a PUBLISH of this connection, in their order, none twice.</summary>
    public void AssertAcknowledgedInOrder()
    {
        var acknowledged = Acknowledged();
        Assert.Equal(Publishes().Select(it => it.PacketId).Take(acknowledged.Count), acknowledged);
    }

    public void Add(bool up, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var rest = up ? _restUp : _restDown;
            rest.AddRange(bytes);
            var start = 0;
            while (Take(rest, ref start) is { } packet)
                (up ? _up : _down).Add(packet);
            rest.RemoveRange(0, start);
        }
    }

    static Packet? Take(List<byte> bytes, ref int start)
    {
        int length = 0, shift = 0, at = start + 1;
        do
        {
            if (at >= bytes.Count)
                return null;
            length |= (bytes[at] & 0x7F) << shift;
            shift += 7;
        }
        while ((bytes[at++] & 0x80) != 0);
        if (at + length > bytes.Count)
            return null;
        var first = bytes[start];
        start = at + length;
        return new Packet(first >> 4, first & 0x0F, [.. bytes[at..start]]);
    }

    static LoggedPublish Read(Packet packet)
    {
        var body = packet.Body.AsSpan();
        var topic = BinaryPrimitives.ReadUInt16BigEndian(body);
        var id = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + topic)..]);
        // Fewer than 128 bytes of properties, as our brokers send them.
        var payload = 2 + topic + 2 + 1 + body[2 + topic + 2];
        return new LoggedPublish(id, (packet.Flags & 8) != 0, Encoding.UTF8.GetString(body.Slice(2, topic)),
            Encoding.UTF8.GetString(body[payload..]));
    }
}
