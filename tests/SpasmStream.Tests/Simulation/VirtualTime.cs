namespace SpasmStream.Tests.Simulation;

/// <summary>The clock of one life; its timers die with it.</summary>
sealed class VirtualTime(SeededScheduler scheduler, Life life) : TimeProvider
{
    public static readonly DateTimeOffset Beginning = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Beginning.AddTicks(scheduler.Now);

    public override long GetTimestamp() => scheduler.Now;

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(scheduler, life, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer in virtual time.</summary>
sealed class VirtualTimer(
    SeededScheduler scheduler, Life life, TimerCallback callback, object? state) : ITimer
{
    TimeSpan _period;
    int _arming;
    bool _isGone;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isGone)
            return false;
        (_period, _arming) = (period, _arming + 1);
        if (dueTime != Timeout.InfiniteTimeSpan)
            scheduler.Arm(dueTime, this, _arming);
        return true;
    }

    /// <summary>Comes for one setting of the timer; a later setting has made it void.</summary>
    public void Fire(int arming)
    {
        if (_isGone || arming != _arming || life.HasEnded)
            return;
        if (_period > TimeSpan.Zero)
            scheduler.Arm(_period, this, _arming);
        callback(state);
    }

    public void Dispose() => _isGone = true;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
