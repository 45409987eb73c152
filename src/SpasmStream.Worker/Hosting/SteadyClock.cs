using NodaTime;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Whether the machine's clock may say what is too old. One that has jumped ahead would have all of it
/// deleted, so a day it tells must be near the last on which the old was removed, by what has really passed
/// since, or the clock must have gone without a step for a day: whoever sets clocks has seen it by then, and
/// a machine that was off for long comes to its right only a day late.
/// </summary>
sealed class SteadyClock
{
    static readonly Duration Near = Duration.FromDays(7);
    static readonly TimeSpan Step = TimeSpan.FromHours(1);
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    readonly TimeProvider _time;
    (DateTimeOffset Wall, long Count) _looked;
    long _steadySince;
    (Instant At, long Count)? _ran;

    public SteadyClock(TimeProvider time)
    {
        _time = time;
        _looked = (time.GetUtcNow(), time.GetTimestamp());
        _steadySince = _looked.Count;
    }

    /// <summary>Compares the clock with what merely counts; to be called often.</summary>
    public void Look()
    {
        var (wall, count) = (_time.GetUtcNow(), _time.GetTimestamp());
        var passed = _time.GetElapsedTime(_looked.Count, count);
        if ((wall - _looked.Wall - passed).Duration() > Step)
            _steadySince = count;
        _looked = (wall, count);
    }

    /// <summary>The old was removed, by a clock that told this.</summary>
    public void Ran(Instant at) => _ran = (at, _time.GetTimestamp());

    /// <summary>
    /// Whether what is old at an instant may be removed; <paramref name="last"/> is when it last was, perhaps
    /// by an earlier process, of which nobody knows how long it is gone.
    /// </summary>
    public bool Trusts(Instant now, Instant? last)
    {
        if (_time.GetElapsedTime(_steadySince) >= Day)
            return true;
        if (last is not { } before)
            return false;
        var passed = _ran is { } ran && ran.At == before
            ? Duration.FromTimeSpan(_time.GetElapsedTime(ran.Count)) : Duration.Zero;
        return now - before <= passed + Near;
    }
}
