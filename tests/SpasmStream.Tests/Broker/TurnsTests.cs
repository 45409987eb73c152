using System.Net;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

public sealed class TurnsTests : IDisposable
{
    readonly FakeTimeProvider _time = new();
    readonly List<Caller> _all = [];
    readonly Turns _turns;

    public TurnsTests() => _turns = new Turns(_time);

    [Fact]
    public async Task M15_The_next_connection_of_an_id_begins_when_nothing_of_the_last_is_left()
    {
        var (first, second) = (Make(), Make());
        var told = 0;
        Assert.True(await _turns.TakeAsync("ada", first, NobodyAsync));

        var waiting = _turns.TakeAsync("ada", second, () =>
        {
            told++;
            return Task.CompletedTask;
        });

        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, told);
        first.End();
        Assert.True(await waiting);
        Assert.True(await _turns.TakeAsync("ada:other", first, NobodyAsync));
    }

    [Fact]
    public async Task M15_Whoever_does_not_go_when_told_is_cut_off()
    {
        var cut = 0;
        Caller? first = null;
        first = Make(() =>
        {
            cut++;
            first!.End();
        });
        Assert.True(await _turns.TakeAsync("ada", first, NobodyAsync));
        var waiting = _turns.TakeAsync("ada", Make(), NobodyAsync);
        Assert.Equal(0, cut);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await waiting);
        Assert.Equal(1, cut);
    }

    [Fact]
    public async Task M15_When_the_last_one_cannot_be_ended_the_next_one_does_not_wait_for_ever()
    {
        Assert.True(await _turns.TakeAsync("ada", Make(), NobodyAsync));
        var waiting = _turns.TakeAsync("ada", Make(), NobodyAsync);

        while (!waiting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.False(await waiting);
    }

    [Fact]
    public async Task M15_Of_a_hundred_who_come_at_once_one_at_a_time_has_the_id()
    {
        var holding = 0;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
        {
            var own = Make();
            Assert.True(await _turns.TakeAsync("ada", own, NobodyAsync));
            Assert.Equal(1, Interlocked.Increment(ref holding));
            await Task.Yield();
            Interlocked.Decrement(ref holding);
            own.End();
        })));
    }

    public void Dispose() => _all.ForEach(it => it.Dispose());

    static Task NobodyAsync() => Task.CompletedTask;

    Caller Make(Action? cut = null)
    {
        var caller = new Caller(IPAddress.Loopback, TimeSpan.FromHours(9), cut ?? (() => { }), _time);
        lock (_all)
            _all.Add(caller);
        return caller;
    }
}
