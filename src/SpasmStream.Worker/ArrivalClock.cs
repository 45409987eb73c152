using NodaTime;

namespace SpasmStream.Worker;

/// <summary>
/// Our own time in whole milliseconds, never going back: receipts stay in the order of arrival. It notices
/// when the machine's clock is set, by a clock that only counts. Behind us, the machine's is waited for at
/// half its speed: what is to happen in five seconds happens in ten and not in an hour.
/// </summary>
sealed class ArrivalClock(TimeProvider time)
{
    const long StepMs = 60_000;

    // Guarded by _gate: what was told last, and where both clocks stood when they were last compared.
    readonly Lock _gate = new();
    long _last = long.MinValue;
    (long Wall, long Count)? _compared;
    (long Told, long Count)? _waitingFrom;
    List<ClockStep> _steps = [];

    /// <summary>
    /// Never tells an earlier time than this again: what an earlier run received is behind us. A machine
    /// whose clock is far behind it has been set back.
    /// </summary>
    public void NotBefore(Instant instant)
    {
        lock (_gate)
        {
            var wall = Look();
            var before = instant.ToUnixTimeMilliseconds();
            if (before - wall > StepMs)
                _steps.Add(ClockStep.Between(before, wall));
            _last = Math.Max(Tell(wall), before);
            _waitingFrom = null;
        }
    }

    public Instant Now()
    {
        lock (_gate)
            return Instant.FromUnixTimeMilliseconds(Tell(Look()));
    }

    /// <summary>The steps of more than 60 s since the last call.</summary>
    public IReadOnlyList<ClockStep> TakeSteps()
    {
        lock (_gate)
        {
            Tell(Look());
            if (_steps.Count == 0)
                return [];
            var steps = _steps;
            _steps = [];
            return steps;
        }
    }

    long Tell(long wall)
    {
        if (wall >= _last)
        {
            _waitingFrom = null;
            return _last = wall;
        }

        var (told, count) = _waitingFrom ??= (_last, time.GetTimestamp());
        return _last = Math.Max(_last, told + (long)time.GetElapsedTime(count).TotalMilliseconds / 2);
    }

    // A clock that is slewed drifts by milliseconds between two looks; one that is set jumps.
    long Look()
    {
        var (wall, count) = (time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp());
        if (_compared is { } then)
        {
            var expected = then.Wall + (long)time.GetElapsedTime(then.Count, count).TotalMilliseconds;
            if (Math.Abs(wall - expected) > StepMs)
                _steps.Add(ClockStep.Between(expected, wall));
        }

        _compared = (wall, count);
        return wall;
    }
}

/// <summary>A stretch of time that was skipped or came twice because the machine's clock was set.</summary>
readonly record struct ClockStep(Instant Start, Instant End)
{
    public static ClockStep Between(long one, long other) => new(
        Instant.FromUnixTimeMilliseconds(Math.Min(one, other)),
        Instant.FromUnixTimeMilliseconds(Math.Max(one, other)));
}
