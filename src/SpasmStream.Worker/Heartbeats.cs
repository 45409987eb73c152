using System.Collections.Concurrent;

namespace SpasmStream.Worker;

/// <summary>When each loop was last seen to go round, by the loop's name.</summary>
sealed class Heartbeats(TimeProvider time)
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    const ConfigureAwaitOptions Quietly =
        ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing;

    readonly ConcurrentDictionary<string, long> _beats = [];

    /// <summary>How long ago each loop was seen; below zero while one sleeps as long as it said.</summary>
    public IEnumerable<(string Loop, TimeSpan Since)> All =>
        _beats.Select(beat => (beat.Key, time.GetElapsedTime(beat.Value)));

    /// <summary>Tells that a loop goes round, and for how long it is about to sleep.</summary>
    public void Beat(string loop, TimeSpan asleep = default)
    {
        Failpoint.Hit("loop_" + loop);
        Note(loop, asleep);
    }

    /// <summary>Tells for a loop that keeps its own time how long ago it was seen.</summary>
    public void Seen(string loop, TimeSpan since) => Note(loop, -since);

    /// <summary>
    /// Waits for what another loop does, beating meanwhile: whoever waits for the disk is not stuck, and
    /// whoever holds the disk up has a beat of its own.
    /// </summary>
    public async Task<T> WaitAsync<T>(string loop, Task<T> task)
    {
        await WaitAsync(loop, (Task)task);
        return await task;
    }

    /// <inheritdoc cref="WaitAsync{T}"/>
    public async Task WaitAsync(string loop, Task task)
    {
        while (true)
        {
            Beat(loop);
            var wait = task.WaitAsync(Every, time);
            await wait.ConfigureAwait(Quietly);
            // That it takes long is nothing to tell; and where both came at once, what was waited for counts.
            _ = wait.Exception;
            if (!task.IsCompleted)
                continue;
            await task;
            return;
        }
    }

    void Note(string loop, TimeSpan ahead) =>
        _beats[loop] = time.GetTimestamp() + (long)(ahead.TotalSeconds * time.TimestampFrequency);
}
