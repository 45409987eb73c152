using Microsoft.Extensions.Time.Testing;
using Microsoft.Extensions.Options;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;

namespace SpasmStream.Tests;

public sealed class DeliveryQueueTests
{
    [Fact]
    public async Task D2_What_waits_is_one_batch_up_to_its_limit_and_one_message_is_a_batch()
    {
        var queue = Queue(new IntakeOptions { BatchMessages = 500 });
        await using var batches = queue.ReadBatchesAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 1_201; i++)
            queue.TryAdd(Some.Bpm(i, 60));

        var sizes = new List<int>();
        while (sizes.Sum() < 1_201 && await batches.MoveNextAsync())
            sizes.Add(batches.Current.Count);
        var next = batches.MoveNextAsync();
        Assert.False(next.IsCompleted);
        queue.TryAdd(Some.Bpm(0, 60));

        Assert.Equal([500, 701], sizes);
        Assert.True(await next);
        Assert.Single(batches.Current);
    }

    [Fact]
    public async Task D2_Batches_grow_to_4000_while_more_waits_and_shrink_again_when_little_does()
    {
        var queue = Queue(new IntakeOptions { BatchBytes = 8 << 20 });
        await using var batches = queue.ReadBatchesAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var sizes = new List<int>();

        for (var round = 0; round < 5; round++)
        {
            Fill(queue, 9_000 - queue.Messages);
            await batches.MoveNextAsync();
            sizes.Add(batches.Current.Count);
            queue.Release(batches.Current);
        }

        while (queue.Messages > 0 && await batches.MoveNextAsync())
            queue.Release(batches.Current);
        for (var i = 0; i < 4; i++)
        {
            Fill(queue, 1);
            await batches.MoveNextAsync();
            queue.Release(batches.Current);
        }

        Fill(queue, 1_200);
        await batches.MoveNextAsync();
        sizes.Add(batches.Current.Count);

        Assert.Equal([500, 1_000, 2_000, 4_000, 4_000, 500], sizes);
    }

    [Fact]
    public async Task D4_The_marks_grow_with_the_batches_to_8000_and_no_further_than_the_hard_cap()
    {
        var queue = Queue(new IntakeOptions());
        await using var batches = queue.ReadBatchesAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var closed = new List<int>();

        for (var i = 0; i < 5; i++)
        {
            while (queue.WaitForRoomAsync().IsCompleted)
                Fill(queue, 1);
            closed.Add(queue.Messages);
            var room = queue.WaitForRoomAsync();
            while (!room.IsCompleted && await batches.MoveNextAsync())
                queue.Release(batches.Current);
        }

        Assert.Equal([2_000, 8_000, 8_000, 8_000, 8_000], closed);
    }

    [Fact]
    public async Task D2_Only_where_messages_come_during_a_commit_does_the_next_wait_five_milliseconds()
    {
        var stop = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider();
        var queue = new DeliveryQueue(
            Options.Create(new IntakeOptions()), new ArrivalClock(time), time);
        await using var batches = queue.ReadBatchesAsync(stop).GetAsyncEnumerator(stop);

        // Each waits for its acknowledgement: at once.
        for (var i = 0; i < 3; i++)
        {
            Fill(queue, 1);
            Assert.True(batches.MoveNextAsync().AsTask().IsCompletedSuccessfully);
            queue.Release(batches.Current);
        }

        Fill(queue, 1);
        Assert.True(await batches.MoveNextAsync());
        Fill(queue, 2);
        queue.Release(batches.Current);
        time.Advance(TimeSpan.FromMilliseconds(4));
        var next = batches.MoveNextAsync().AsTask();
        Fill(queue, 3);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(await next);
        Assert.Equal(5, batches.Current.Count);
    }

    [Fact]
    public async Task D2_A_batch_is_limited_by_its_bytes_too()
    {
        var queue = Queue(new IntakeOptions { BatchBytes = 4096 });
        for (var i = 0; i < 3; i++)
            queue.TryAdd(Some.Message(new string('x', 3000)));
        await using var batches = queue.ReadBatchesAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(
            TestContext.Current.CancellationToken);

        await batches.MoveNextAsync();

        Assert.Equal(2, batches.Current.Count);
    }

    [Fact]
    public async Task D3_Deliveries_leave_in_the_order_of_their_arrival()
    {
        var queue = Queue(new IntakeOptions { BatchMessages = 7 });
        for (var i = 0; i < 100; i++)
            queue.TryAdd(Some.Message($"{i}"));

        var order = new List<string>();
        await foreach (var batch in queue.ReadBatchesAsync(TestContext.Current.CancellationToken))
        {
            order.AddRange(batch.Select(it => System.Text.Encoding.UTF8.GetString(it.Payload.Span)));
            if (order.Count == 100)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), order);
    }

    [Fact]
    public async Task D4_The_tap_closes_at_high_water_and_opens_at_low_water()
    {
        var queue = Queue(new IntakeOptions { LowWaterMessages = 2, HighWaterMessages = 5 });
        var waiting = Fill(queue, 4);
        Assert.True(queue.WaitForRoomAsync().IsCompleted);

        waiting.AddRange(Fill(queue, 1));
        var closed = queue.WaitForRoomAsync();
        Assert.False(closed.IsCompleted);

        queue.Release(waiting[..2]);
        Assert.Equal(3, queue.Messages);
        Assert.False(closed.IsCompleted);
        Assert.False(queue.WaitForRoomAsync().IsCompleted);

        queue.Release(waiting[2..3]);
        await closed;
        Assert.True(queue.WaitForRoomAsync().IsCompleted);
    }

    [Fact]
    public void D4_The_tap_closes_on_bytes_as_on_messages()
    {
        var queue = Queue(new IntakeOptions { LowWaterBytes = 2_000, HighWaterBytes = 10_000 });
        var large = Some.Message(new string('x', 12_000));
        queue.TryAdd(large);

        var closed = queue.WaitForRoomAsync();
        Assert.False(closed.IsCompleted);
        queue.Release([large]);

        Assert.Equal(0, queue.Bytes);
        Assert.True(queue.WaitForRoomAsync().IsCompleted);
    }

    [Fact]
    public void D4_Beyond_the_hard_cap_nothing_enters_and_every_dropped_QoS_0_message_is_counted()
    {
        var queue = Queue(new IntakeOptions { HardCapMessages = 10 });
        Fill(queue, 10);

        for (var i = 0; i < 7; i++)
            Assert.False(queue.TryAdd(Some.Bpm(i, 60) with { Qos = 0 }));
        for (var i = 0; i < 3; i++)
            Assert.False(queue.TryAdd(Some.Bpm(i, 60) with { Qos = 1 }));

        Assert.Equal(10, queue.Messages);
        Assert.Equal(7, queue.TakeDropped().Count);
        Assert.Equal(default, queue.TakeDropped());
    }

    [Fact]
    public void D4_The_hard_cap_counts_bytes_too()
    {
        var queue = Queue(new IntakeOptions { HardCapBytes = 10_000 });

        Assert.True(queue.TryAdd(Some.Message(new string('x', 9_000))));
        Assert.False(queue.TryAdd(Some.Message(new string('x', 9_000))));
        Assert.True(queue.TryAdd(Some.Message("")));
    }

    [Fact]
    public void D7_Shut_doors_take_nothing_in_and_hold_the_tap_until_they_open()
    {
        var queue = Queue(new IntakeOptions());
        Assert.True(queue.TryAdd(Some.Bpm(0, 60)));

        queue.Shut(true);
        var room = queue.WaitForRoomAsync();
        Assert.False(queue.TryAdd(Some.Bpm(1, 60) with { Qos = 1 }));
        Assert.False(queue.TryAdd(Some.Bpm(2, 60) with { Qos = 0 }));
        Assert.Equal(1, queue.TakeDropped().Count);
        // What is in already is committed and given back; the doors stay shut.
        queue.Release([Some.Bpm(0, 60)]);
        Assert.False(room.IsCompleted);

        queue.Shut(false);
        Assert.True(room.IsCompletedSuccessfully);
        Assert.True(queue.WaitForRoomAsync().IsCompleted);
        Assert.True(queue.TryAdd(Some.Bpm(1, 60) with { Qos = 1 }));
    }

    static DeliveryQueue Queue(IntakeOptions options) =>
        new(Options.Create(options), new ArrivalClock(TimeProvider.System));

    static List<Delivery> Fill(DeliveryQueue queue, int count)
    {
        var added = Enumerable.Range(0, count).Select(i => Some.Bpm(i, 60)).ToList();
        added.ForEach(delivery => Assert.True(queue.TryAdd(delivery)));
        return added;
    }
}
