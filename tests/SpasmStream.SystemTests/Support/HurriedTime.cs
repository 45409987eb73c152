namespace SpasmStream.SystemTests.Support;

/// <summary>Time whose timers are due so many times sooner, to see a limit of ten seconds end.</summary>
sealed class HurriedTime(double times) : TimeProvider
{
    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Scaled(dueTime), Scaled(period));

    TimeSpan Scaled(TimeSpan span) => span > TimeSpan.Zero ? span / times : span;
}
