using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker;

namespace SpasmStream.Tests;

public sealed class HeartbeatsTests
{
    readonly FakeTimeProvider _time = new();
    readonly Heartbeats _heartbeats;

    public HeartbeatsTests() => _heartbeats = new Heartbeats(_time);

    [Fact]
    public void D17_A_loop_that_stops_beating_grows_old()
    {
        _heartbeats.Beat("one");
        _time.Advance(TimeSpan.FromSeconds(20));
        _heartbeats.Beat("two");
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(
            [("one", TimeSpan.FromSeconds(31)), ("two", TimeSpan.FromSeconds(11))], _heartbeats.All.Order());
    }

    [Fact]
    public void D17_A_loop_may_say_how_long_it_sleeps()
    {
        _heartbeats.Beat("one", TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(TimeSpan.Zero, Assert.Single(_heartbeats.All).Since);
    }

    [Fact]
    public async Task D17_Whoever_waits_for_another_loop_beats_meanwhile_and_gets_what_it_waited_for()
    {
        var other = new TaskCompletionSource<int>();
        var waiting = _heartbeats.WaitAsync("one", other.Task);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            // The beat follows the timer on another thread; nothing else makes it young again.
            while (_heartbeats.All.Single().Since > TimeSpan.Zero)
                await Task.Yield();
        }

        other.SetResult(7);

        Assert.Equal(7, await waiting);
    }

    [Fact]
    public async Task A_time_out_of_the_task_itself_is_told() =>
        await Assert.ThrowsAsync<TimeoutException>(() =>
            _heartbeats.WaitAsync("one", Task.FromException<int>(new TimeoutException())));
}
