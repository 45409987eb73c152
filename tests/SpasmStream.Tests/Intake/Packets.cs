using System.Text;
using Microsoft.Extensions.Options;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

/// <summary>Bytes of MQTT 5 as a broker sends them, and what is made of them.</summary>
static class Packets
{
    public const string Topic = "spasmstream/v1/in/ada/watch/heart-rate";

    public static readonly byte[] Welcome = [0x20, 3, 0, 0, 0];
    public static readonly byte[] Pong = [0xD0, 0];

    public static PacketStream Stream(bool replay = false) =>
        new(new Reception(Options.Create(new IntakeOptions { Replay = replay })));

    public static byte[] Publish(int packetId, string payload, string topic = Topic, int qos = 1,
        int flags = 0, params byte[] properties) =>
        Publish(packetId, Encoding.UTF8.GetBytes(payload), topic, qos, flags, properties);

    public static byte[] Publish(int packetId, byte[] payload, string topic = Topic, int qos = 1,
        int flags = 0, params byte[] properties)
    {
        byte[] id = qos > 0 ? [(byte)(packetId >> 8), (byte)packetId] : [];
        return Frame((byte)(0x30 | flags | qos << 1),
            [.. Text(topic), .. id, .. Length(properties.Length), .. properties, .. payload]);
    }

    public static byte[] UserProperty(string name, string value) => [0x26, .. Text(name), .. Text(value)];

    public static byte[] Frame(byte first, ReadOnlySpan<byte> body) =>
        [first, .. Length(body.Length), .. body];

    public static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    public static byte[] Length(int length)
    {
        var digits = new List<byte>();
        do
        {
            digits.Add((byte)(length > 127 ? (length & 0x7F) | 0x80 : length));
            length >>= 7;
        }
        while (length > 0);
        return [.. digits];
    }

    /// <summary>All packets in order, given the bytes in pieces of these sizes, over and over.</summary>
    public static List<object> Cut(PacketStream stream, ReadOnlySpan<byte> bytes, params int[] pieces)
    {
        var packets = new List<object>();
        Cut(stream, bytes, packets, pieces);
        return packets;
    }

    public static void Cut(
        PacketStream stream, ReadOnlySpan<byte> bytes, List<object> packets, params int[] pieces)
    {
        for (var i = 0; !bytes.IsEmpty; i++)
        {
            var free = stream.Free();
            var piece = bytes[..Math.Min(Math.Min(pieces[i % pieces.Length], free.Count), bytes.Length)];
            piece.CopyTo(free);
            stream.Filled(piece.Length);
            bytes = bytes[piece.Length..];
            Drain(stream, packets);
        }
    }

    public static List<Delivery> Messages(PacketStream stream, params byte[][] packets) =>
        [.. Cut(stream, packets.SelectMany(it => it).ToArray(), int.MaxValue).Cast<Delivery>()];

    static void Drain(PacketStream stream, List<object> packets)
    {
        while (true)
        {
            var run = stream.TakeMessages();
            packets.AddRange(run);
            stream.Forget(run.Length);
            if (!run.IsEmpty)
                continue;
            if (!stream.TryTakePacket(out var packet))
                return;
            packets.Add(packet);
        }
    }
}
