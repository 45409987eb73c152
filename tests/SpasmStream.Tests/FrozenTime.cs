using Microsoft.Extensions.Time.Testing;

namespace SpasmStream.Tests;

/// <summary>Fake time in which no timer ever fires: whoever waits for one stands still.</summary>
sealed class FrozenTime(Instant start) : TimeProvider
{
    readonly FakeTimeProvider _count = new(start.ToDateTimeOffset());

    public override long TimestampFrequency => _count.TimestampFrequency;

    public void Advance(TimeSpan by) => _count.Advance(by);

    public override DateTimeOffset GetUtcNow() => _count.GetUtcNow();

    public override long GetTimestamp() => _count.GetTimestamp();

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _count.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
