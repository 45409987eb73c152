using NodaTime;

namespace SpasmStream.Worker;

/// <summary>
/// Our own time in whole milliseconds, never going back: receipts stay in the order of arrival.
/// </summary>
sealed class ArrivalClock(TimeProvider time)
{
    long _last = long.MinValue;

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
