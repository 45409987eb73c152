using Microsoft.Extensions.Time.Testing;

namespace SpasmStream.Tests;

/// <summary>Fake time on a machine whose wall clock can be set while what merely counts goes on.</summary>
sealed class SteppedTime(Instant start) : TimeProvider
{
    readonly FakeTimeProvider _count = new(start.ToDateTimeOffset());
    TimeSpan _ahead;

    public override long TimestampFrequency => _count.TimestampFrequency;

    public void Step(TimeSpan by) => _ahead += by;

    public void Advance(TimeSpan by) => _count.Advance(by);

    public override DateTimeOffset GetUtcNow() => _count.GetUtcNow() + _ahead;

    public override long GetTimestamp() => _count.GetTimestamp();

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _count.CreateTimer(callback, state, dueTime, period);
}
