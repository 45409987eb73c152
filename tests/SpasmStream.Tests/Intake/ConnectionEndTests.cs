using System.IO.Compression;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

/// <summary>What is left of a connection that was ended in the middle of something.</summary>
public sealed class ConnectionEndTests
{
    static readonly Instant _start = Instant.FromUtc(2026, 11, 22, 12, 0);

    [Fact]
    public async Task M1_Behind_half_an_acknowledgement_nothing_is_sent_that_would_become_its_other_half()
    {
        using var line = new ByteChannel { Room = 6 };
        var time = TimeProvider.System;
        var watch = new LineWatch(time);
        using var adapter = new BulkAdapter(line, new MqttPacketFormatterAdapter(
            MqttProtocolVersion.V500, new MqttBufferWriter(4096, 65535)), Queue(time, new IntakeOptions()),
            Packets.Stream(), watch, new LineStreamProvider(watch), () => Task.CompletedTask, _ => { });
        using var ended = new CancellationTokenSource();
        var acknowledging = adapter.AcknowledgeAsync(new Receipt[] { new(1, 1), new(2, 1) }, ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acknowledging);
        line.Room = int.MaxValue;

        await Assert.ThrowsAsync<MqttCommunicationException>(
            () => adapter.SendPacketAsync(new MqttDisconnectPacket(), CancellationToken.None));
        await Assert.ThrowsAsync<MqttCommunicationException>(
            () => adapter.AcknowledgeAsync(new Receipt[] { new(3, 1) }, CancellationToken.None));

        Assert.Equal([0x40, 2, 0, 1, 0x40, 2], line.Writes.SelectMany(it => it));
    }

    [Fact]
    public async Task D4_A_connection_that_brought_too_much_is_looked_after_no_longer_than_it_lasts()
    {
        var time = new CountingTime(_start);
        var queue = Queue(time, new IntakeOptions { HardCapMessages = 2 });
        var link = new StandingLink();
        using var connection = new IntakeConnection(
            ["a/#"], 30, (_, take) => link.With(take), queue, TimeSpan.FromMilliseconds(250), time);
        link.Take([.. Enumerable.Range(1, 5).Select(id => new Delivery
        {
            Topic = "a/b", Payload = default, Received = default, PacketId = (ushort)id, Qos = 1,
        })]);

        var listening = connection.ListenAsync(() => { }, CancellationToken.None);
        while (!listening.IsCompleted)
            await time.PassAsync(TimeSpan.FromMilliseconds(20));
        await time.PassAsync(TimeSpan.FromSeconds(1));
        var asked = time.Timers;
        for (var i = 0; i < 20; i++)
            await time.PassAsync(TimeSpan.FromMilliseconds(20));

        Assert.Equal(2, queue.Messages);
        Assert.InRange(time.Timers, asked, asked + 1);
    }

    [Fact]
    public async Task D4_Of_a_connection_that_brought_too_much_what_was_taken_is_acknowledged_and_it_ends()
    {
        var time = new CountingTime(_start);
        var queue = Queue(time, new IntakeOptions { HardCapMessages = 2 });
        var link = new StandingLink();
        using var connection = new IntakeConnection(
            ["a/#"], 30, (_, take) => link.With(take), queue, TimeSpan.FromMilliseconds(250), time);
        var messages = Enumerable.Range(1, 5).Select(id => new Delivery
        {
            Topic = "a/b", Payload = default, Received = default, PacketId = (ushort)id, Qos = 1,
        }).ToArray();
        link.Take(messages);

        messages[0].Acknowledge?.Invoke(messages.AsSpan(0, 2), new DeliveryOutcome[2]);
        // Time stands still: nobody waits for the three that are not in here.
        await connection.ListenAsync(() => { }, CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal([1, 2], link.Acknowledged);
    }

    [Fact]
    public void B41_What_is_unpacked_waits_for_room_after_each_mebibyte()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            for (var i = 0; i < 700_000; i += 8)
                gzip.Write(BitConverter.GetBytes((long)i % 200));
        var property = Packets.UserProperty("content-encoding", "gzip");
        byte[] all = [.. Enumerable.Range(1, 8)
            .SelectMany(id => Packets.Publish(id, packed.ToArray(), properties: property))];
        var stream = Packets.Stream();
        all.CopyTo(stream.Free().AsSpan());
        stream.Filled(all.Length);

        var runs = new List<int>();
        for (var run = stream.TakeMessages(); run.Length > 0; run = stream.TakeMessages())
        {
            Assert.Equal(700_000, run[0].Payload.Length);
            runs.Add(run.Length);
        }

        Assert.Equal([2, 2, 2, 2], runs);
    }

    static DeliveryQueue Queue(TimeProvider time, IntakeOptions options) =>
        new(Options.Create(options), new ArrivalClock(time));

    /// <summary>A link that stands for as long as anybody wants it.</summary>
    sealed class StandingLink : IBrokerLink
    {
        public List<int> Acknowledged { get; } = [];

        public TakeMessages Take { get; private set; } = _ => { };

        public bool IsConnected => true;

        public bool Reached => true;

        public TimeSpan Silence => TimeSpan.Zero;

        public string Hint => "";

        public StandingLink With(TakeMessages take)
        {
            Take = take;
            return this;
        }

        public Task<BrokerWelcome> ConnectAsync(Func<Task> reached, CancellationToken cancellationToken) =>
            Task.FromResult(new BrokerWelcome(MqttClientConnectResultCode.Success));

        public Task<MqttClientSubscribeResultCode> SubscribeAsync(
            string filter, CancellationToken cancellationToken) =>
            Task.FromResult(MqttClientSubscribeResultCode.GrantedQoS1);

        public Task<MqttClientUnsubscribeResultCode> UnsubscribeAsync(
            string filter, CancellationToken cancellationToken) =>
            Task.FromResult(MqttClientUnsubscribeResultCode.Success);

        public Task AcknowledgeAsync(ReadOnlyMemory<Receipt> run, CancellationToken cancellationToken)
        {
            foreach (var receipt in run.Span)
                Acknowledged.Add(receipt.PacketId);
            return Task.CompletedTask;
        }

        public Task CloseAsync() => Task.CompletedTask;

        public void Dispose()
        {
        }
    }

    /// <summary>Fake time that counts who waits in it.</summary>
    sealed class CountingTime(Instant start) : TimeProvider
    {
        readonly SteppedTime _time = new(start);

        public int Timers { get; private set; }

        public override long TimestampFrequency => _time.TimestampFrequency;

        /// <summary>Lets what waited go on, too, before anything else happens.</summary>
        public async Task PassAsync(TimeSpan span)
        {
            _time.Advance(span);
            for (var i = 0; i < 20; i++)
                await Task.Yield();
        }

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public override long GetTimestamp() => _time.GetTimestamp();

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timers++;
            return _time.CreateTimer(callback, state, dueTime, period);
        }
    }
}
