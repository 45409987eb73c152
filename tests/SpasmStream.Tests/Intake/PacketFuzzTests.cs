using CsCheck;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

/// <summary>What holds for every stream of bytes, however it is cut.</summary>
public sealed class PacketFuzzTests
{
    static readonly Gen<byte[]> Properties = Gen.OneOf(Gen.Const<byte[]>([]), Gen.Select(
        Gen.Byte, Gen.String[0, 20], Gen.String[0, 20], Gen.Int[0, 40]).Select((format, name, value, count) =>
            (byte[])[0x01, format, .. Enumerable.Range(0, count)
                .SelectMany(_ => Packets.UserProperty(name, value))]));

    static readonly Gen<byte[]> Message = Gen.Select(Gen.Int[1, 65535], Gen.Byte.Array[0, 300],
        Gen.String[0, 30], Gen.Int[0, 2], Gen.Int[0, 1], Properties).Select(
            (id, payload, topic, qos, retain, properties) =>
                Packets.Publish(id, payload, topic, qos, retain, properties));

    static readonly Gen<byte[]> Packet = Gen.Frequency((8, Message), (1, Gen.Const(Packets.Pong)),
        (1, Gen.Select(Gen.Byte[0xE0, 0xF0], Gen.Byte.Array[0, 200]).Select(
            (first, body) => Packets.Frame((byte)(first & 0xF0), body))));

    static readonly Gen<byte[]> Stream = Packet.Array[0, 60]
        .Select(all => all.SelectMany(it => it).ToArray());

    [Fact]
    public void Any_split_of_a_stream_gives_the_same_packets()
    {
        Gen.Select(Stream, Gen.Int[1, 400].Array[1, 8]).Sample((bytes, pieces) =>
        {
            var whole = Packets.Cut(Packets.Stream(), bytes, int.MaxValue).Select(Words).ToList();
            var split = Packets.Cut(Packets.Stream(), bytes, pieces).Select(Words).ToList();
            Assert.Equal(whole, split);
        }, iter: 2_000, threads: 1);
    }

    [Fact]
    public void Every_message_of_a_stream_comes_out_once_and_in_order()
    {
        Gen.Select(Gen.Byte.Array[0, 2_000].Array[0, 700], Gen.Int[1, 100_000]).Sample((payloads, piece) =>
        {
            var bytes = payloads.SelectMany((payload, i) => Packets.Publish(i + 1, payload)).ToArray();
            var got = Packets.Cut(Packets.Stream(), bytes, piece).Cast<Delivery>().ToList();
            Assert.Equal(payloads.Length, got.Count);
            Assert.All(got, (it, i) => Assert.True(
                it.PacketId == i + 1 && it.Payload.Span.SequenceEqual(payloads[i])));
        }, iter: 50, threads: 1);
    }

    [Fact]
    public void A_damaged_stream_throws_nothing_but_the_protocols_error_and_takes_no_memory_of_note()
    {
        var damage = Gen.Select(Gen.Double.Unit, Gen.Byte, Gen.Int[0, 3]);
        var taken = 0;
        Gen.Select(Stream, damage.Array[1, 6], Gen.Int[1, 400].Array[1, 8]).Sample((bytes, damages, pieces) =>
        {
            var damaged = damages.Aggregate(bytes.ToList(), Damage).ToArray();
            var stream = Packets.Stream();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Packets.Cut(stream, damaged, pieces);
                taken++;
            }
            catch (MqttProtocolViolationException)
            {
                // Ends the connection.
            }

            // A buffer, the run, the topics' places, an arena; and of what came a few times as much.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600_000 + 40 * damaged.Length);
        }, iter: 10_000, threads: 1);
        Assert.InRange(taken, 100, 9_900);
    }

    [Fact]
    public void Bytes_of_any_kind_throw_nothing_but_the_protocols_error()
    {
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            try
            {
                Packets.Cut(Packets.Stream(), bytes, 7);
            }
            catch (MqttProtocolViolationException)
            {
                // Ends the connection.
            }
        }, iter: 5_000, threads: 1);
    }

    static List<byte> Damage(List<byte> bytes, (double Where, byte Value, int Kind) damage)
    {
        if (bytes.Count == 0)
            return [damage.Value];
        var at = (int)(damage.Where * bytes.Count);
        switch (damage.Kind)
        {
            case 0:
                bytes[at] = damage.Value;
                break;
            case 1:
                bytes[at] ^= (byte)(1 << (damage.Value & 7));
                break;
            case 2:
                bytes.Insert(at, damage.Value);
                break;
            default:
                bytes.RemoveAt(at);
                break;
        }

        return bytes;
    }

    static string Words(object packet) => packet switch
    {
        Delivery it => $"{it.Topic}|{it.PacketId}|{it.Qos}|{it.Retained}|{it.Dup}|{it.Refused}|"
            + Convert.ToHexString(it.Payload.Span),
        ReceivedMqttPacket it => $"{it.FixedHeader:X2} {it.TotalLength} {Convert.ToHexString(it.Body)}",
        _ => throw new ArgumentException($"{packet}", nameof(packet)),
    };
}
