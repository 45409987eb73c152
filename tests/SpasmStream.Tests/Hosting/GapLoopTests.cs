using Microsoft.Extensions.Options;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

public sealed class GapLoopTests
{
    static readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    readonly SteppedTime _time = new(Some.Start);

    [Fact]
    public async Task F46_Each_step_of_the_clock_is_one_gap_in_the_file_whether_or_not_messages_come()
    {
        using var store = new TempStore();
        var clock = new ArrivalClock(_time);
        using var loop = new GapLoop(Queue(clock), clock, store.Writer, new Heartbeats(_time), _time);
        await loop.StartAsync(_cancel);
        clock.Now();

        _time.Step(TimeSpan.FromHours(1));
        await UntilAsync(store, "end-start BETWEEN 3600000 AND 3700000");
        _time.Step(TimeSpan.FromHours(-2));
        await UntilAsync(store, "end-start BETWEEN 7200000 AND 7300000");

        // The step back covers the step forward: the same hour is in doubt, once.
        await loop.StopAsync(_cancel);
        Assert.Equal("clock_step", store.Row("SELECT cause FROM gap"));
    }

    [Fact]
    public async Task D9_Messages_dropped_after_the_last_batch_are_written_too()
    {
        using var store = new TempStore();
        var clock = new ArrivalClock(_time);
        var queue = Queue(clock);
        Assert.False(queue.TryAdd(Some.Message(new string('x', 2000)) with { Qos = 0 }));
        using var loop = new GapLoop(queue, clock, store.Writer, new Heartbeats(_time), _time);
        await loop.StartAsync(_cancel);

        await UntilAsync(store, "1");

        await loop.StopAsync(_cancel);
        Assert.Equal("qos0_dropped|1", store.Row("SELECT cause, lost FROM gap"));
        Assert.Equal("1", store.Row("SELECT value FROM counter WHERE name='DroppedQos0'"));
    }

    static DeliveryQueue Queue(ArrivalClock clock) =>
        new(Options.Create(new IntakeOptions { HardCapBytes = 1024 }), clock);

    // Each round of the loop is a second; whatever it does is there after some rounds, or never.
    async Task UntilAsync(TempStore store, string gaps)
    {
        for (var round = 0; round < 1000; round++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await store.RunAsync(_ => 0);
            if (store.Row($"SELECT count(*) FROM gap WHERE {gaps}") == "1")
                return;
        }

        Assert.Fail($"No gap with {gaps}.");
    }
}
