using System.Collections.Concurrent;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// One connection a client id, and the next one only when nothing of the last is left. The library forgets a
/// session by its id alone: one that still ends takes a new one of the same id with it, unacknowledged.
/// </summary>
sealed class Turns(TimeProvider time)
{
    static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, Caller> _holders = new(StringComparer.Ordinal);

    /// <summary>
    /// Waits until the id is free, after telling whoever holds it to go; false when that did not.
    /// </summary>
    /// <param name="clientId">The client id, whose owner both are.</param>
    /// <param name="caller">Who wants it; gives it back by ending.</param>
    /// <param name="drop">Tells the present connection of the id that it is taken over.</param>
    public async Task<bool> TakeAsync(string clientId, Caller caller, Func<Task> drop)
    {
        var began = time.GetTimestamp();
        while (!_holders.TryAdd(clientId, caller))
        {
            if (!_holders.TryGetValue(clientId, out var holder))
                continue;
            if (time.GetElapsedTime(began) >= Patience)
                return false;
            // It may have nobody to tell yet, or nobody who listens.
            var dropping = drop();
            if (!await EndsWithinAsync(holder, Courtesy))
            {
                holder.Cut();
                await EndsWithinAsync(holder, Patience);
            }

            await dropping;
            if (holder.Ended.IsCompleted)
                _holders.TryRemove(KeyValuePair.Create(clientId, holder));
        }

        _ = caller.Ended.ContinueWith(
            _ => _holders.TryRemove(KeyValuePair.Create(clientId, caller)), TaskScheduler.Default);
        return true;
    }

    async Task<bool> EndsWithinAsync(Caller holder, TimeSpan patience)
    {
        try
        {
            await holder.Ended.WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
