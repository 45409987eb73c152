using Microsoft.Extensions.Options;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>
/// Follows every wearer: on news, and when an issue time comes. It reads the file on a connection of its own
/// and writes through the one writer, so that a busy evening of forecasts holds no acknowledgement back.
/// </summary>
sealed partial class AssessLoop(
    AssessQueue queue, StoreFile file, StoreWriter writer, WearerDirectory directory, ReadEntry read,
    AssessState state, ArrivalClock clock, IOptions<IntakeOptions> intake, TimeProvider time,
    ILogger<AssessLoop> logger) : BackgroundService
{
    // What was received just now may not be committed yet.
    static readonly Duration Settling = Duration.FromSeconds(1);

    // Replayed messages may overtake each other a little.
    static readonly Duration ReplayHold = Duration.FromMinutes(15);

    readonly Dictionary<WearerId, Followed> _followed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // ExecuteAsync runs on the start-up's thread until it first waits.
        await Task.Yield();
        using var history = new SqliteHistory(file, writer);
        var began = time.GetTimestamp();
        foreach (var wearer in WearerRecord.Names(file))
            Follow(wearer, history);
        Log.Restored(logger, _followed.Count, (long)time.GetElapsedTime(began).TotalMilliseconds);

        while (!stoppingToken.IsCancellationRequested)
        {
            state.Beat(time.GetTimestamp());
            await WaitAsync(stoppingToken);
            var fresh = new HashSet<Followed>();
            while (queue.Reader.TryRead(out var news))
                fresh.Add(Hear(news, history));

            await AdvanceAsync(fresh, stoppingToken);
        }
    }

    async Task AdvanceAsync(HashSet<Followed> fresh, CancellationToken stoppingToken)
    {
        try
        {
            foreach (var followed in _followed.Values)
                if (fresh.Contains(followed)
                    || (followed.IsLive && followed.Tracked.NextDue <= clock.Now() - Settling))
                    await AdvanceAsync(followed, stoppingToken);
            state.UpToDate = _followed.Values.Count(followed => followed.IsLive);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping in the middle: what was not saved is made again from the file.
        }
    }

    async Task WaitAsync(CancellationToken stoppingToken)
    {
        using var tick = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        tick.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            await queue.Reader.WaitToReadAsync(tick.Token);
        }
        catch (OperationCanceledException)
        {
            // A second has passed: an issue time may have come. Or we are stopping, and the loop sees it.
        }
    }

    Followed Hear(News news, SqliteHistory history)
    {
        var followed = _followed.GetValueOrDefault(news.Wearer) ?? Follow(news.Wearer, history);
        if (news.Replayed)
            followed.ReplayClock = Instant.Max(followed.ReplayClock, news.Received);
        else
            followed.IsLive = true;
        return followed;
    }

    Followed Follow(WearerId wearer, SqliteHistory history)
    {
        var tracked = new TrackedWearer(wearer, directory.ProfileOf(wearer), history, read);
        tracked.Restore(WearerRecord.Load(file, wearer));
        // Under replay the sender's time rules until something arrives on ours.
        return _followed[wearer] = new Followed(tracked) { IsLive = !intake.Value.Replay };
    }

    async Task AdvanceAsync(Followed followed, CancellationToken stoppingToken)
    {
        if (followed.ReplayClock > Instant.MinValue)
            await followed.Tracked.AdvanceAsync(
                followed.ReplayClock - (followed.IsLive ? Duration.Epsilon : ReplayHold), replayed: true,
                stoppingToken);
        if (!followed.IsLive)
            return;
        followed.ReplayClock = Instant.MinValue;
        await followed.Tracked.AdvanceAsync(clock.Now() - Settling, replayed: false, stoppingToken);
    }

    /// <summary>A wearer, and whose time rules.</summary>
    sealed class Followed(TrackedWearer tracked)
    {
        public TrackedWearer Tracked { get; } = tracked;

        public bool IsLive { get; set; }

        public Instant ReplayClock { get; set; } = Instant.MinValue;
    }

    static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information,
            "{Count} wearers are followed again after {Milliseconds} ms.")]
        public static partial void Restored(ILogger logger, int count, long milliseconds);
    }
}
