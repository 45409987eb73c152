using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Ends what is no longer news, on every channel: on one that hangs, and on one that was switched off with
/// rows still waiting for it.
/// </summary>
sealed partial class OutboxExpiry(
    Outbox outbox, ArrivalClock clock, Heartbeats heartbeats, TimeProvider time,
    ILogger<OutboxExpiry> logger) : BackgroundService
{
    const string Loop = "expiry";
    static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        heartbeats.Beat(Loop);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await heartbeats.WaitAsync(Loop, SweepAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: it expires at the next start.
        }
    }

    public async Task SweepAsync(CancellationToken stoppingToken)
    {
        foreach (var (channel, count) in await outbox.ExpireAsync(clock.Now(), stoppingToken))
            Log.Expired(logger, count, channel);
    }

    static partial class Log
    {
        [LoggerMessage(405, LogLevel.Warning,
            "{Count} announcements for channel {Channel} expired before they could be delivered.")]
        public static partial void Expired(ILogger logger, int count, string channel);
    }
}
