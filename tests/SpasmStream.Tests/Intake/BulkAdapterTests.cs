using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

/// <summary>The library's connection with messages taken out, over a line of bytes.</summary>
public sealed class BulkAdapterTests : IDisposable
{
    readonly ByteChannel _line = new();
    readonly LineWatch _watch = new(TimeProvider.System);
    readonly List<Delivery> _taken = [];
    readonly CancellationTokenSource _giveUp =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    [Fact]
    public async Task Messages_are_taken_and_other_packets_go_to_the_library_in_order()
    {
        using var adapter = Adapter(Queue());
        _line.Send(Packets.Welcome, Packets.Publish(1, "with the welcome"), Packets.Pong,
            Packets.Publish(2, "behind"), Packets.Pong);

        Assert.IsType<MqttConnAckPacket>(await NextAsync(adapter));
        Assert.Empty(_taken);
        Assert.IsType<MqttPingRespPacket>(await NextAsync(adapter));
        Assert.Equal([1], _taken.Select(it => (int)it.PacketId));
        Assert.IsType<MqttPingRespPacket>(await NextAsync(adapter));
        Assert.Equal([1, 2], _taken.Select(it => (int)it.PacketId));
        _line.End();
        Assert.Null(await NextAsync(adapter));
    }

    [Fact]
    public async Task D4_Nothing_is_read_while_too_much_waits_for_its_commit()
    {
        var queue = Queue(new IntakeOptions { LowWaterMessages = 1, HighWaterMessages = 2 });
        using var adapter = Adapter(queue);
        _line.Send(Packets.Welcome);
        await NextAsync(adapter);
        List<Delivery> waiting = [Some.Bpm(0, 60), Some.Bpm(1, 60)];
        waiting.ForEach(delivery => Assert.True(queue.TryAdd(delivery)));
        var before = _line.Reads;
        _line.Send(Packets.Pong);

        var reading = NextAsync(adapter);

        Assert.False(reading.IsCompleted);
        Assert.Equal(before, _line.Reads);
        // A closed tap is no silence.
        Assert.Equal(TimeSpan.Zero, _watch.Silence);
        queue.Release(waiting[..1]);
        Assert.IsType<MqttPingRespPacket>(await reading);
    }

    [Fact]
    public async Task D4_What_came_in_one_piece_goes_on_in_runs_and_the_tap_closes_between_them()
    {
        var queue = Queue(new IntakeOptions
        {
            LowWaterMessages = 1, HighWaterMessages = 600, HardCapMessages = 1200,
        });
        using var adapter = Adapter(queue, queue);
        _line.Send(Packets.Welcome);
        await NextAsync(adapter);
        _line.Send([.. Enumerable.Range(1, 2_000).Select(id => Packets.Publish(id, "", "t"))]);
        _line.Send(Packets.Pong);

        var reading = NextAsync(adapter);
        var seen = new List<Delivery>();
        await foreach (var batch in queue.ReadBatchesAsync(_giveUp.Token))
        {
            // Never more than the mark and one run.
            Assert.InRange(queue.Messages, 1, 599 + 512);
            seen.AddRange(batch);
            queue.Release(batch);
            if (seen.Count == 2_000)
                break;
        }

        Assert.IsType<MqttPingRespPacket>(await reading);
        Assert.Equal(Enumerable.Range(1, 2_000), seen.Select(it => (int)it.PacketId));
    }

    [Fact]
    public async Task M3_A_closed_tap_lets_go_when_the_connection_is_given_up()
    {
        var queue = Queue(new IntakeOptions { LowWaterMessages = 1, HighWaterMessages = 1 });
        queue.TryAdd(Some.Bpm(0, 60));
        using var adapter = Adapter(queue);

        var reading = NextAsync(adapter);
        Assert.False(reading.IsCompleted);
        await _giveUp.CancelAsync();

        Assert.Null(await reading);
    }

    [Fact]
    public async Task D3_A_run_is_acknowledged_in_order_in_one_write_and_QoS_2_by_its_own_packet()
    {
        using var adapter = Adapter(Queue());

        await adapter.AcknowledgeAsync(
            new Receipt[] { new(3, 1), new(0x1234, 2), new(1, 1) }, _giveUp.Token);
        await adapter.AcknowledgeAsync(
            Enumerable.Range(1, 5_000).Select(id => new Receipt((ushort)id, 1)).ToArray(), _giveUp.Token);

        Assert.Equal([0x40, 2, 0, 3, 0x50, 2, 0x12, 0x34, 0x40, 2, 0, 1], _line.Writes[0]);
        Assert.Equal(Enumerable.Range(1, 5_000)
            .SelectMany(id => new byte[] { 0x40, 2, (byte)(id >> 8), (byte)id }), _line.Writes[1]);
        Assert.Equal(2, _line.Writes.Count);
        Assert.Equal(12 + 20_000, adapter.BytesSent);
    }

    [Fact]
    public async Task A_message_before_the_welcome_ends_the_connection()
    {
        using var adapter = Adapter(Queue());
        _line.Send(Packets.Publish(1, "early"));

        await Assert.ThrowsAsync<MqttProtocolViolationException>(() => NextAsync(adapter));
        Assert.Empty(_taken);
    }

    [Theory]
    [InlineData(new byte[] { 0x20, 1, 0 })]
    [InlineData(new byte[] { 0x90, 1, 0 })]
    [InlineData(new byte[] { 0x00, 0 })]
    [InlineData(new byte[] { 0x20, 4, 0, 0, 9, 0x21 })]
    public async Task M4_A_packet_that_the_library_cannot_read_ends_the_connection(byte[] packet)
    {
        using var adapter = Adapter(Queue());
        _line.Send(packet);

        await Assert.ThrowsAsync<MqttProtocolViolationException>(() => NextAsync(adapter));
    }

    [Fact]
    public async Task A_message_after_a_welcome_that_is_none_ends_the_connection_too()
    {
        using var adapter = Adapter(Queue());
        _line.Send([0x20, 3, 0, 0x87, 0], Packets.Publish(1, "early"));

        Assert.Equal(MqttConnectReasonCode.NotAuthorized,
            Assert.IsType<MqttConnAckPacket>(await NextAsync(adapter)).ReasonCode);
        await Assert.ThrowsAsync<MqttProtocolViolationException>(() => NextAsync(adapter));
        Assert.Empty(_taken);
    }

    [Fact]
    public async Task D4_In_a_stream_it_takes_breath_before_the_next_small_read_and_before_no_large_one()
    {
        var time = new FakeTimeProvider();
        var queue = Queue(time: time);
        using var adapter = Adapter(queue);
        // Two have come while one was committed: a stream.
        List<Delivery> waiting = [Some.Bpm(0, 60), Some.Bpm(1, 60), Some.Bpm(2, 60)];
        waiting.ForEach(delivery => queue.TryAdd(delivery));
        queue.Release(waiting[..1]);
        _line.Send(Packets.Welcome);
        await NextAsync(adapter);
        _line.Send(Packets.Pong);

        var reading = NextAsync(adapter);

        Assert.Equal(1, _line.Reads);
        time.Advance(Flow.Breath);
        Assert.IsType<MqttPingRespPacket>(await reading);
        _line.Send(Packets.Publish(1, new string('x', 64 * 1024)));
        reading = NextAsync(adapter);
        time.Advance(Flow.Breath);
        _line.Send(Packets.Pong);
        Assert.IsType<MqttPingRespPacket>(await reading);
        Assert.Single(_taken);
    }

    [Fact]
    public async Task M3_A_line_that_breaks_is_a_fault_and_one_that_is_given_up_is_the_end()
    {
        using var adapter = Adapter(Queue());
        using var away = new ByteChannel();
        using var other = Adapter(Queue(), line: away);

        _line.End(new IOException("reset"));
        away.End(new ObjectDisposedException("line"));

        await Assert.ThrowsAsync<IOException>(() => NextAsync(adapter));
        Assert.Null(await NextAsync(other));
    }

    [Fact]
    public async Task What_is_sent_goes_out_as_it_is_and_bytes_are_counted_both_ways()
    {
        using var adapter = Adapter(Queue());
        _line.Send(Packets.Welcome);
        await NextAsync(adapter);

        await adapter.SendPacketAsync(new MqttPingReqPacket(), _giveUp.Token);

        Assert.Equal([0xC0, 0], Assert.Single(_line.Writes));
        Assert.Equal((5L, 2L), (adapter.BytesReceived, adapter.BytesSent));
        adapter.ResetStatistics();
        Assert.Equal((0L, 0L), (adapter.BytesReceived, adapter.BytesSent));
    }

    [Fact]
    public async Task M3_Closed_it_reads_no_more_and_sends_no_more()
    {
        var adapter = Adapter(Queue());
        adapter.Dispose();

        Assert.Null(await NextAsync(adapter));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => adapter.AcknowledgeAsync(new Receipt[] { new(1, 1) }, _giveUp.Token));
        Assert.Empty(_line.Writes);
    }

    [Fact]
    public void M12_The_library_is_one_that_keeps_a_connection_after_a_late_acknowledgement()
    {
        Assert.True(typeof(MQTTnet.IMqttClient).Assembly.GetName().Version >= new Version(5, 2, 0));
        Assert.True(typeof(MQTTnet.Server.MqttServer).Assembly.GetName().Version >= new Version(5, 2, 0));
    }

    public void Dispose()
    {
        _giveUp.Dispose();
        _line.Dispose();
    }

    Task<MqttPacket?> NextAsync(BulkAdapter adapter) => adapter.ReceivePacketAsync(_giveUp.Token);

    BulkAdapter Adapter(DeliveryQueue tap, DeliveryQueue? into = null, ByteChannel? line = null) =>
        new(line ?? _line,
        new MqttPacketFormatterAdapter(MqttProtocolVersion.V500, new MqttBufferWriter(4096, 65535)), tap,
        Packets.Stream(), _watch, new LineStreamProvider(_watch), () => Task.CompletedTask, messages =>
        {
            _taken.AddRange(messages);
            Assert.True(into is null || into.TryAddAll(messages, out _));
        });

    static DeliveryQueue Queue(IntakeOptions? options = null, TimeProvider? time = null) => new(
        Options.Create(options ?? new IntakeOptions()), new ArrivalClock(TimeProvider.System), time);
}
