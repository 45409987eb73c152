using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

public sealed class GuardedChannelTests : IDisposable
{
    static readonly byte[] _connect = [0x10, 3, 1, 2, 3];

    readonly FakeTimeProvider _time = new();
    readonly Pipe _wire = new(new PipeOptions(pauseWriterThreshold: 0));
    readonly List<string> _refused = [];
    readonly GuardedChannel _channel;
    int _flooded;

    public GuardedChannelTests() =>
        _channel = new GuardedChannel(_wire.Reader.AsStream(), null, null, _time, _refused.Add);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task M16_A_packet_is_shown_whole_or_not_at_all_however_it_is_cut()
    {
        byte[] message = [0x30, 0x85, 0x01, .. new byte[133]];
        _channel.Admit(null, Flooded);
        var reading = ReadAsync(136 + 2);
        foreach (var one in message)
        {
            Assert.False(reading.IsCompleted);
            await SendAsync(one);
        }

        await SendAsync(0xC0, 0x00);
        Assert.Equal([.. message, 0xC0, 0x00], await reading);
    }

    [Fact]
    public async Task M16_Before_it_is_let_in_4_KiB_are_the_most_and_only_a_CONNECT()
    {
        await SendAsync([0x10, 0x80, 0x20, .. new byte[4096]]);
        Assert.Equal(4096 + 3, (await ReadAsync(4096 + 3)).Length);
        await SendAsync([0x10, 0x81, 0x20, .. new byte[4097]]);

        Assert.Equal(0, await _channel.ReadAsync(new byte[2], 0, 2, Stop));
        Assert.Equal(["size"], _refused);
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0x01, 0x00 }, false, "header")]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x7F }, false, "size")]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x7F }, true, "header")]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F }, true, "size")]
    [InlineData(new byte[] { 0x36, 0x00 }, true, "header")]
    [InlineData(new byte[] { 0x00, 0x00 }, true, "header")]
    [InlineData(new byte[] { 0x16, 0x03 }, false, "header")]
    public async Task B03_A_header_that_is_not_believed_ends_it_before_anything_is_made_room_for(
        byte[] head, bool isIn, string why)
    {
        if (isIn)
            _channel.Admit(null, Flooded);
        await SendAsync(head);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var reading = _channel.ReadAsync(new byte[2], 0, 2, Stop);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Equal(0, await reading);
        Assert.Equal([why], _refused);
    }

    [Fact]
    public async Task B02_Once_it_is_in_256_KiB_and_the_longest_topic_fit_and_a_megabyte_does_not()
    {
        _channel.Admit(null, Flooded);
        const int length = 256 * 1024 + 65_535 + 2 + 2 + 1;
        byte[] head = [0x32, (length & 0x7F) | 0x80, ((length >> 7) & 0x7F) | 0x80, length >> 14];
        await SendAsync([.. head, .. new byte[length]]);
        Assert.Equal(length + 4, (await ReadAsync(length + 4)).Length);
        await SendAsync(0x32, 0x80, 0x80, 0x40);

        Assert.Equal(0, await _channel.ReadAsync(new byte[2], 0, 2, Stop));
        Assert.Equal(["size"], _refused);
    }

    [Fact]
    public async Task S11_Beyond_its_pace_the_next_packet_is_read_when_it_is_due()
    {
        _channel.Admit(new Pace(1, 1_000_000, _time), Flooded);
        for (var i = 0; i < 11; i++)
            await SendAsync(0x32, 0x01, (byte)i);
        await ReadAsync(30);
        var late = ReadAsync(3);

        Assert.False(late.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([0x32, 0x01, 10], await late);
        Assert.Equal(0, _flooded);
    }

    [Fact]
    public async Task S11_A_flood_is_told_once_and_ends()
    {
        _channel.Admit(new Pace(1, 1_000_000, _time), Flooded);
        for (var i = 0; i < 10 + 60; i++)
        {
            await SendAsync(0x30, 0x01, 0);
            var reading = ReadAsync(3);
            if (i >= 10)
                _time.Advance(TimeSpan.FromSeconds(1));
            await reading;
        }

        await SendAsync(0x30, 0x01, 0);
        Assert.Equal(0, await _channel.ReadAsync(new byte[2], 0, 2, Stop));
        Assert.Equal((1, "rate"), (_flooded, Assert.Single(_refused)));
    }

    [Fact]
    public async Task M16_The_end_of_the_other_side_is_the_end_also_in_the_middle_of_a_packet()
    {
        await SendAsync(_connect);
        await SendAsync(0x10, 0x05, 1);
        await _wire.Writer.CompleteAsync();

        Assert.Equal(_connect, await ReadAsync(5));
        Assert.Equal(0, await _channel.ReadAsync(new byte[2], 0, 2, Stop));
        Assert.Empty(_refused);
    }

    public void Dispose() => _channel.Dispose();

    Task Flooded()
    {
        _flooded++;
        return Task.CompletedTask;
    }

    async Task SendAsync(params byte[] bytes) => await _wire.Writer.WriteAsync(bytes, Stop);

    /// <summary>As the library does: two bytes, one at a time, then the rest.</summary>
    async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        for (var read = 0; read < length;)
        {
            var one = await _channel.ReadAsync(
                bytes, read, Math.Min(read < 4 ? 1 : 4096, length - read), Stop);
            Assert.NotEqual(0, one);
            read += one;
        }

        return bytes;
    }
}
