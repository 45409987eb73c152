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
    AssessQueue queue, DeliveryQueue deliveries, StoreFile file, StoreWriter writer,
    WearerDirectory directory, ReadEntry read, AssessState state, IReadOnlyList<OutChannel> channels,
    IOptions<IntakeOptions> intake, Heartbeats heartbeats, TimeProvider time, ILogger<AssessLoop> logger)
    : BackgroundService
{
    const string Loop = "assess";
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    readonly Dictionary<WearerId, Followed> _followed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // ExecuteAsync runs on the start-up's thread until it first waits.
        await Task.Yield();
        using var history = new SqliteHistory(file, writer, channels)
        {
            Wait = saved => heartbeats.WaitAsync(Loop, saved),
        };
        var began = time.GetTimestamp();
        foreach (var wearer in WearerRecord.Names(file))
            Follow(wearer, history);
        Log.Restored(logger, _followed.Count, (long)time.GetElapsedTime(began).TotalMilliseconds);

        while (!stoppingToken.IsCancellationRequested)
        {
            heartbeats.Beat(Loop);
            foreach (var (wearer, news) in queue.Take())
                Hear(wearer, news, history);
            await AdvanceAllAsync(stoppingToken);
            await queue.WaitAsync(Tick, stoppingToken);
        }
    }

    Followed Follow(WearerId wearer, SqliteHistory history)
    {
        heartbeats.Beat(Loop);
        var tracked = new TrackedWearer(wearer, directory.ProfileOf(wearer), history, read);
        tracked.Restore(WearerRecord.Load(file, wearer));
        return _followed[wearer] = new Followed(tracked)
        {
            // Under replay the sender's time rules until something arrives on ours.
            IsLive = !intake.Value.Replay,
            ReplayClock = intake.Value.Replay ? WearerRecord.LastReceipt(file, wearer) : null,
            IsBehind = true,
        };
    }

    void Hear(WearerId wearer, News news, SqliteHistory history)
    {
        var followed = _followed.GetValueOrDefault(wearer) ?? Follow(wearer, history);
        // Samples are folded when an issue time comes and not before, so they alone make no work; nights and
        // the diary can bring an issue time on. A thousand messages a second must not be a thousand looks.
        followed.IsBehind |= news.HasEntries || followed.Tracked.NextDue is null
            || (news.Replayed is not null && (followed.IsLive || news.Live is not null))
            || (news.Live is not null && !followed.IsLive);
        if (news.Replayed is { } replayed)
            followed.ReplayClock = followed.ReplayClock > replayed ? followed.ReplayClock : replayed;
        if (news.Live is { } live)
            (followed.IsLive, followed.Heard) = (true, live);
    }

    async Task AdvanceAllAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var followed in _followed.Values)
            {
                heartbeats.Beat(Loop);
                if (followed.IsBehind || followed.Tracked.NextDue <= ClockOf(followed))
                    await AdvanceAsync(followed, stoppingToken);
            }

            state.Live = _followed.Values.Count(followed => followed is { IsLive: true, IsBehind: false });
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping in the middle: what was not saved is made again from the file.
        }
    }

    async Task AdvanceAsync(Followed followed, CancellationToken stoppingToken)
    {
        followed.IsBehind = false;
        if (followed.ReplayClock is { } replay)
            await followed.Tracked.AdvanceAsync(
                followed.IsLive ? replay - Duration.Epsilon : ClockOf(followed)!.Value, replayed: true,
                stoppingToken);
        if (!followed.IsLive)
            return;
        followed.ReplayClock = null;
        // What came before is in the file, however slow the disk is: nothing is asked that a commit may
        // change.
        var until = deliveries.CommittedUntil;
        await followed.Tracked.AdvanceAsync(until, replayed: false, stoppingToken);
        followed.IsBehind = followed.Heard > until;
    }

    /// <summary>Up to where a wearer can be followed; null before a replay has told.</summary>
    Instant? ClockOf(Followed followed) =>
        followed.IsLive ? deliveries.CommittedUntil : followed.ReplayClock - TrackedWearer.ReplayHold;

    /// <summary>A wearer, and whose time rules.</summary>
    sealed class Followed(TrackedWearer tracked)
    {
        public TrackedWearer Tracked { get; } = tracked;

        public bool IsLive { get; set; }

        /// <summary>Whether there may be something the wearer's assessment has not seen.</summary>
        public bool IsBehind { get; set; }

        public Instant? ReplayClock { get; set; }

        public Instant? Heard { get; set; }
    }

    static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information,
            "{Count} wearers are followed again after {Milliseconds} ms.")]
        public static partial void Restored(ILogger logger, int count, long milliseconds);
    }
}
