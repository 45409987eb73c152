namespace SpasmStream.SystemTests.Support;

/// <summary>The machine's time, so many times as fast: waits of minutes pass in seconds.</summary>
sealed class HurriedTime(int factor) : TimeProvider
{
    readonly long _began = System.GetTimestamp();
    readonly DateTimeOffset _start = System.GetUtcNow();

    public override long GetTimestamp() => (System.GetTimestamp() - _began) * factor;

    public override DateTimeOffset GetUtcNow() => _start + System.GetElapsedTime(_began) * factor;

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Hurried(dueTime), Hurried(period));

    TimeSpan Hurried(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span / factor;
}
