using System.Text;
using MQTTnet.Exceptions;
using NodaTime;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

/// <summary>How the bytes of a connection become deliveries, and what ends it.</summary>
public sealed class PacketStreamTests
{
    [Fact]
    public void B38_Topic_payload_packet_identifier_QoS_and_flags_are_taken_over()
    {
        var got = Packets.Messages(Packets.Stream(),
            Packets.Publish(513, "one", "a/b"), Packets.Publish(0, "two", "c", qos: 0, flags: 1),
            Packets.Publish(65535, "three", "d", qos: 2, flags: 8), Packets.Publish(7, "", ""));

        Assert.Equal(["a/b|one|513|1|--", "c|two|0|0|R-", "d|three|65535|2|-D", "||7|1|--"],
            got.Select(it => $"{it.Topic}|{Encoding.UTF8.GetString(it.Payload.Span)}|{it.PacketId}|{it.Qos}|"
                + (it.Retained ? "R" : "-") + (it.Dup ? "D" : "-")));
        Assert.All(got, it => Assert.False(it.Replayed || it.Refused is not null));
    }

    [Fact]
    public void Every_property_that_a_message_may_have_is_passed_over()
    {
        byte[] all = [0x01, 1, 0x02, 0, 0, 0, 9, 0x03, .. Packets.Text("text"), 0x08, .. Packets.Text("back"),
            0x09, .. Packets.Text("12"), 0x0B, 0x81, 1, .. Packets.UserProperty("n", "v"), 0x0B, 2];

        var got = Assert.Single(Packets.Messages(Packets.Stream(),
            Packets.Publish(1, "payload", properties: all)));

        Assert.Equal("payload", Encoding.UTF8.GetString(got.Payload.Span));
    }

    [Fact]
    public void Up_to_32_user_properties_are_enough_and_one_more_is_noticed()
    {
        byte[] Properties(int count) =>
            [.. Enumerable.Range(0, count).SelectMany(i => Packets.UserProperty($"n{i}", "v"))];

        var got = Packets.Messages(Packets.Stream(),
            Packets.Publish(1, "", properties: Properties(32)),
            Packets.Publish(2, "", properties: Properties(33)));

        Assert.Equal([false, true], got.Select(it => it.Refused is not null));
    }

    [Fact]
    public void Only_under_replay_a_sender_says_when_it_was_received()
    {
        byte[] stated = [.. Packets.UserProperty("received", "soon"),
            .. Packets.UserProperty("received", "2026-03-08T21:00:00.1239Z")];
        var packet = Packets.Publish(1, "", properties: stated);

        var live = Assert.Single(Packets.Messages(Packets.Stream(), packet));
        var replayed = Assert.Single(Packets.Messages(Packets.Stream(replay: true), packet));

        Assert.False(live.Replayed);
        Assert.True(replayed.Replayed);
        Assert.Equal(Instant.FromUtc(2026, 3, 8, 21, 0) + Duration.FromMilliseconds(123), replayed.Received);
    }

    [Fact]
    public void The_same_topic_is_the_same_string_and_broken_text_is_still_a_topic()
    {
        var got = Packets.Messages(Packets.Stream(), [.. Enumerable.Range(1, 20_000)
            .Select(i => Packets.Publish(i, "", $"t/{i % 10_000}"))]);
        var broken = Packets.Frame(0x30, [0, 2, 0xC3, 0x28, 0]);

        Assert.Equal(Enumerable.Range(1, 20_000).Select(i => $"t/{i % 10_000}"), got.Select(it => it.Topic));
        Assert.Single(Packets.Messages(Packets.Stream(), Packets.Publish(1, ""), Packets.Publish(2, ""))
            .Select(it => it.Topic).Distinct<object>(ReferenceEqualityComparer.Instance));
        Assert.Equal("\uFFFD(", Assert.Single(Packets.Messages(Packets.Stream(), broken)).Topic);
    }

    [Fact]
    public void A_payload_stays_what_it_was_whatever_comes_later()
    {
        var stream = Packets.Stream();
        var sizes = new[] { 1, 0, 4096, 4097, 60_000, 300_000, 3_000_000, 7, 64 * 1024 };
        var random = new Random(11);
        var sent = Enumerable.Range(1, 200).Select(i =>
        {
            var payload = new byte[sizes[i % sizes.Length]];
            random.NextBytes(payload);
            return payload;
        }).ToList();

        var got = Packets.Cut(stream,
            sent.SelectMany((payload, i) => Packets.Publish(i + 1, payload)).ToArray(), 100_000, 3, 250_000);

        Assert.Equal(200, got.Count);
        for (var i = 0; i < 200; i++)
            Assert.True(((Delivery)got[i]).Payload.Span.SequenceEqual(sent[i]), $"message {i}");
        // The large ones are over, and so is the large buffer.
        Assert.Equal(256 * 1024, stream.Free().Array!.Length);
    }

    [Theory]
    [InlineData("a QoS of 3", new byte[] { 0x36, 5, 0, 0, 0, 1, 0 })]
    [InlineData("a packet identifier of 0", new byte[] { 0x32, 5, 0, 0, 0, 0, 0 })]
    [InlineData("no room for the topic's length", new byte[] { 0x32, 1, 0 })]
    [InlineData("a topic longer than the packet", new byte[] { 0x30, 5, 0, 9, 97, 98, 99 })]
    [InlineData("no packet identifier", new byte[] { 0x32, 3, 0, 1, 97 })]
    [InlineData("no properties", new byte[] { 0x32, 4, 0, 0, 0, 1 })]
    [InlineData("properties longer than the packet", new byte[] { 0x30, 4, 0, 0, 5, 1 })]
    [InlineData("half a property", new byte[] { 0x30, 5, 0, 0, 2, 2, 1 })]
    [InlineData("a property's length that does not end", new byte[] { 0x30, 4, 0, 0, 1, 0x0B })]
    [InlineData("a property of another packet", new byte[] { 0x30, 5, 0, 0, 2, 0x24, 1 })]
    [InlineData("a topic alias", new byte[] { 0x30, 6, 0, 0, 3, 0x23, 0, 1 })]
    [InlineData("a length of five bytes", new byte[] { 0x30, 0x80, 0x80, 0x80, 0x80, 1 })]
    [InlineData("that length in another packet", new byte[] { 0xD0, 0xFF, 0xFF, 0xFF, 0xFF, 1 })]
    public void M4_What_breaks_the_protocol_ends_the_connection(string what, byte[] bytes)
    {
        Assert.True(Assert.Throws<MqttProtocolViolationException>(
            () => Packets.Cut(Packets.Stream(), bytes, 1)).Message.EndsWith('.'), what);

        // What came before it in the same piece is taken all the same.
        byte[] together = [.. Packets.Publish(1, "before"), .. bytes];
        var got = new List<object>();
        Assert.Throws<MqttProtocolViolationException>(
            () => Packets.Cut(Packets.Stream(), together, got, int.MaxValue));
        Assert.Equal(1, Assert.IsType<Delivery>(Assert.Single(got)).PacketId);
    }

    [Theory]
    [InlineData(0x30)]
    [InlineData(0xD0)]
    public void M4_A_packet_larger_than_we_take_is_refused_by_its_header_and_costs_no_memory(byte first)
    {
        var stream = Packets.Stream();
        stream.Free();
        byte[] header = [first, .. Packets.Length((16 << 20) - 4)];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<MqttProtocolViolationException>(() => Packets.Cut(stream, header, 1));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void M4_The_largest_packet_that_we_take_is_taken()
    {
        var body = (16 << 20) - 5;
        var payload = new byte[body - 3];
        payload[^1] = 42;

        var got = Assert.Single(
            Packets.Messages(Packets.Stream(), Packets.Frame(0x30, [0, 0, 0, .. payload])));

        Assert.True(got.Payload.Span.SequenceEqual(payload));
    }
}
