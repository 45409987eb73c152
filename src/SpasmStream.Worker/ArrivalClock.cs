using NodaTime;

namespace SpasmStream.Worker;

/// <summary>
/// Our own time in whole milliseconds, never going back: receipts stay in the order of arrival.
/// </summary>
sealed class ArrivalClock(TimeProvider time)
{
    long _last = long.MinValue;

    /// <summary>
    /// Never tells an earlier time than this again: what an earlier run received is behind us.
    /// </summary>
    public void NotBefore(Instant instant)
    {
        if (instant.ToUnixTimeMilliseconds() > Volatile.Read(ref _last))
            Volatile.Write(ref _last, instant.ToUnixTimeMilliseconds());
    }

    public Instant Now()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(last, now);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return Instant.FromUnixTimeMilliseconds(next);
        }
    }
}
