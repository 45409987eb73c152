using Microsoft.Extensions.Options;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

public sealed class TapStreamTests
{
    readonly LineWatch _watch = new(TimeProvider.System);

    [Fact]
    public async Task D4_Nothing_is_read_while_too_much_waits_for_its_commit()
    {
        var queue = Queue(new IntakeOptions { LowWaterMessages = 1, HighWaterMessages = 2 });
        await using var inner = new MemoryStream(new byte[200_000]);
        await using var tap = new TapStream(inner, queue, _watch);
        var stop = TestContext.Current.CancellationToken;
        var buffer = new byte[64 * 1024];
        await tap.ReadExactlyAsync(buffer, stop);
        var before = inner.Position;

        List<Delivery> waiting = [Some.Bpm(0, 60), Some.Bpm(1, 60)];
        waiting.ForEach(delivery => queue.TryAdd(delivery));
        var reading = tap.ReadAsync(buffer, stop);

        Assert.False(reading.IsCompleted);
        Assert.Equal(before, inner.Position);
        queue.Release(waiting[..1]);
        Assert.True(await reading > 0);
        Assert.True(inner.Position > before);
    }

    [Fact]
    public async Task M3_A_closed_tap_lets_go_when_the_connection_is_given_up()
    {
        var queue = Queue(new IntakeOptions { LowWaterMessages = 1, HighWaterMessages = 1 });
        queue.TryAdd(Some.Bpm(0, 60));
        await using var tap = new TapStream(new MemoryStream(new byte[10]), queue, _watch);
        using var giveUp = new CancellationTokenSource();

        var reading = tap.ReadAsync(new byte[10], giveUp.Token).AsTask();
        Assert.False(reading.IsCompleted);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task What_comes_through_the_tap_is_what_was_sent_whatever_the_pieces()
    {
        var queue = Queue(new IntakeOptions());
        var sent = new byte[300_000];
        new Random(5).NextBytes(sent);
        await using var tap = new TapStream(new MemoryStream(sent), queue, _watch);
        var random = new Random(6);
        var got = new MemoryStream();
        var buffer = new byte[100_000];

        while (await tap.ReadAsync(buffer.AsMemory(0, 1 + random.Next(random.Next(2) == 0 ? 9 : 90_000)),
            TestContext.Current.CancellationToken) is > 0 and var read)
            got.Write(buffer, 0, read);

        Assert.Equal(sent, got.ToArray());
    }

    [Fact]
    public void M12_The_library_is_one_that_keeps_a_connection_after_a_late_acknowledgement()
    {
        Assert.True(typeof(MQTTnet.IMqttClient).Assembly.GetName().Version >= new Version(5, 2, 0));
        Assert.True(typeof(MQTTnet.Server.MqttServer).Assembly.GetName().Version >= new Version(5, 2, 0));
    }

    static DeliveryQueue Queue(IntakeOptions options) =>
        new(Options.Create(options), new ArrivalClock(TimeProvider.System));
}
