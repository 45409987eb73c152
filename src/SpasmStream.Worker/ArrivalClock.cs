using NodaTime;

namespace SpasmStream.Worker;

/// <summary>
/// Our own time in whole milliseconds, never going back: receipts stay in the order of arrival. It notices
/// when the machine's clock is set, by a clock that only counts. Behind us, the machine's is waited for at
/// half its speed: what is to happen in five seconds happens in ten and not in an hour.
/// </summary>
/// <remarks>
/// What was told cannot be untold: receipts and forecasts are kept for ever. So when the machine's clock
/// leaps ahead by more than a day we count on without it, and follow only when it has stayed there for an
/// hour, longer than a machine leaves its time server unasked. A leap that is taken back before was never
/// told. A machine that was asleep for so long is followed an hour late. One that starts has nothing to
/// count from and is believed.
/// </remarks>
sealed class ArrivalClock(TimeProvider time)
{
    const long StepMs = 60_000;
    const long LeapMs = 86_400_000;
    static readonly TimeSpan Believed = TimeSpan.FromHours(1);

    // Guarded by _gate: what was told last, where both clocks stood when they were last compared and neither
    // was in doubt, and the leap that is in doubt since.
    readonly Lock _gate = new();
    long _last = long.MinValue;
    long _wall;
    (long Wall, long Count)? _compared;
    (long By, long Count)? _leap;
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

    public Instant Now() => Now(out _);

    /// <param name="ahead">
    /// How far that is ahead of the machine's clock: more than nothing while one that was set back is waited
    /// for, less while a leap of it is in doubt.
    /// </param>
    public Instant Now(out Duration ahead)
    {
        lock (_gate)
        {
            var told = Tell(Look());
            ahead = Duration.FromMilliseconds(told - _wall);
            return Instant.FromUnixTimeMilliseconds(told);
        }
    }

    /// <summary>
    /// The earlier of our time and the machine's: what is too old by it is too old by both.
    /// </summary>
    public Instant Earlier()
    {
        var now = Now(out var ahead);
        return ahead > Duration.Zero ? now - ahead : now;
    }

    /// <summary>The steps of more than 60 s that were followed since the last call.</summary>
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
        _wall = wall;
        if (_compared is { } then)
        {
            var expected = then.Wall + (long)time.GetElapsedTime(then.Count, count).TotalMilliseconds;
            if (IsDoubted(wall, expected, count))
                return expected;
            if (Math.Abs(wall - expected) > StepMs)
                _steps.Add(ClockStep.Between(expected, wall));
        }

        _compared = (wall, count);
        return wall;
    }

    bool IsDoubted(long wall, long expected, long count)
    {
        // One that was far behind and comes up to us is put right.
        if (wall - Math.Max(expected, _last) <= LeapMs)
            _leap = null;
        // Set once more, it has to stay there anew.
        else if (_leap is not { } seen || Math.Abs(wall - expected - seen.By) > StepMs)
            _leap = (wall - expected, count);
        else if (time.GetElapsedTime(seen.Count, count) >= Believed)
            _leap = null;
        return _leap is not null;
    }
}

/// <summary>A stretch of time that was skipped or came twice because the machine's clock was set.</summary>
readonly record struct ClockStep(Instant Start, Instant End)
{
    public static ClockStep Between(long one, long other) => new(
        Instant.FromUnixTimeMilliseconds(Math.Min(one, other)),
        Instant.FromUnixTimeMilliseconds(Math.Max(one, other)));
}
