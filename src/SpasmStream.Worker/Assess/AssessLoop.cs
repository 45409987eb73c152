using Microsoft.Extensions.Options;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>
/// Follows every wearer: on news, and when an issue time comes. It reads the file on a connection of its own and
/// writes through the one writer, so that a busy evening of forecasts holds no acknowledgement back.
/// </summary>
sealed partial class AssessLoop(
    AssessQueue queue, DeliveryQueue deliveries, StoreFile file, StoreWriter writer, WearerDirectory directory, ReadEntry read,
    AssessState state, ArrivalClock clock, IOptions<IntakeOptions> intake, TimeProvider time,
    ILogger<AssessLoop> logger) : BackgroundService
{
    // What was received just now may not be in the queue yet.
    static readonly Duration Settling = Duration.FromSeconds(1);

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
        foreach (var followed in _followed.Values.ToList())
            await AdvanceAsync(followed, stoppingToken);

        while (!stoppingToken.IsCancellationRequested)
        {
            state.Beat(time.GetTimestamp());
            await WaitAsync(stoppingToken);
            var fresh = new HashSet<Followed>();
            while (queue.Reader.TryRead(out var news))
                fresh.Add(Hear(news, history));

            foreach (var followed in fresh)
                await AdvanceAsync(followed, stoppingToken);
            foreach (var followed in _followed.Values)
                if (followed.IsLive && followed.Tracked.NextDue <= CommittedUntil())
                    await AdvanceAsync(followed, stoppingToken);
            state.UpToDate = _followed.Values.Count(followed => followed.IsLive);
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
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // A second has passed: an issue time may have come.
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
        return _followed[wearer] = new Followed(tracked)
        {
            IsLive = !intake.Value.Replay,
            ReplayClock = intake.Value.Replay ? WearerRecord.LastReceipt(file, wearer) ?? Instant.MinValue
                : Instant.MinValue,
        };
    }

    // What came before is in the file, however slow the disk is: nothing is asked that a commit may still change.
    Instant CommittedUntil()
    {
        var settled = clock.Now() - Settling;
        return deliveries.OldestUncommitted is { } oldest
            ? Instant.Min(settled, oldest - Duration.FromMilliseconds(1)) : settled;
    }

    async Task AdvanceAsync(Followed followed, CancellationToken stoppingToken)
    {
        if (followed.ReplayClock > Instant.MinValue)
            await followed.Tracked.AdvanceAsync(
                followed.ReplayClock - (followed.IsLive ? Duration.Epsilon : TrackedWearer.ReplayHold),
                replayed: true, stoppingToken);
        if (!followed.IsLive)
            return;
        followed.ReplayClock = Instant.MinValue;
        await followed.Tracked.AdvanceAsync(CommittedUntil(), replayed: false, stoppingToken);
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
        [LoggerMessage(300, LogLevel.Information, "{Count} wearers are followed again after {Milliseconds} ms.")]
        public static partial void Restored(ILogger logger, int count, long milliseconds);
    }
}
