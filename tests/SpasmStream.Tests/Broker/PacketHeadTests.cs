using System.Buffers;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

public sealed class PacketHeadTests
{
    [Theory]
    [InlineData(new byte[] { 0x10, 0x00 }, 0)]
    [InlineData(new byte[] { 0x30, 0x7F }, 127)]
    [InlineData(new byte[] { 0x32, 0x80, 0x01 }, 128)]
    [InlineData(new byte[] { 0x3D, 0xFF, 0x7F }, 16_383)]
    [InlineData(new byte[] { 0x30, 0x80, 0x80, 0x01 }, 16_384)]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x7F }, 268_435_455)]
    [InlineData(new byte[] { 0x82, 0x05, 1, 2, 3, 4, 5 }, 5)]
    [InlineData(new byte[] { 0xC0, 0x00 }, 0)]
    public void M16_A_header_says_how_long_the_packet_is(byte[] bytes, int length)
    {
        Assert.Equal(HeadReading.Whole, PacketHead.Read(new(bytes), out var head));

        Assert.Equal((bytes[0], length), (head.First, head.BodyLength));
        Assert.Equal(bytes.Length - (length == 5 ? 5 : 0), head.Length);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x10 })]
    [InlineData(new byte[] { 0x10, 0xFF })]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF })]
    public void M16_A_header_that_is_not_all_here_says_nothing_yet(byte[] bytes) =>
        Assert.Equal(HeadReading.Incomplete, PacketHead.Read(new(bytes), out _));

    [Theory]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x80 })]
    [InlineData(new byte[] { 0x10, 0x80, 0x00 })]
    [InlineData(new byte[] { 0x10, 0x85, 0x80, 0x00 })]
    [InlineData(new byte[] { 0xC0, 0x01 })]
    public void M16_A_length_that_nobody_may_write_is_broken(byte[] bytes) =>
        Assert.Equal(HeadReading.Broken, PacketHead.Read(new(bytes), out _));

    /// <summary>The table of MQTT 5, section 2.1.3, for what a client sends.</summary>
    [Fact]
    public void M16_Of_256_first_bytes_a_client_may_send_twenty_two()
    {
        byte[] allowed = [0x10, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D,
            0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xC0, 0xE0, 0xF0];

        for (var first = 0; first < 256; first++)
            Assert.Equal((first, allowed.Contains((byte)first) ? HeadReading.Whole : HeadReading.Broken),
                (first, PacketHead.Read(new([(byte)first, 0]), out _)));
    }
}
