using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Tells the health routes how the writer, the link and the disk stand, and shuts the doors when that is
/// full. It never waits for the writer, so that it can tell when that stands still.
/// </summary>
sealed partial class HealthLoop(
    Health health, StoreWriter writer, IntakeState intake, Settings settings, AccessState access,
    Heartbeats heartbeats, Watchdog watchdog, DeliveryQueue deliveries, DiskGauge disk, InfluxState influx,
    ClockState clock, TimeProvider time, ILogger<HealthLoop> logger) : BackgroundService
{
    const string Loop = "health";
    static readonly TimeSpan DiskEvery = TimeSpan.FromSeconds(5);

    string? _stuck;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        long? measured = null;
        try
        {
            do
            {
                heartbeats.Beat(Loop);
                heartbeats.Seen("writer", writer.SinceBeat);
                writer.ThrowIfEnded();
                if (measured is not { } last || time.GetElapsedTime(last) >= DiskEvery)
                {
                    measured = time.GetTimestamp();
                    Look();
                }

                Watch();
                health.IsReady = access.IsIntact && (settings.UsesEmbeddedBroker || intake.Listening)
                    && writer.CanCommit && disk.State != DiskState.Full && influx.IsHealthy && clock.IsNear;
                watchdog.Feed();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            health.IsReady = false;
            Failpoint.Hit("during_shutdown");
        }
    }

    // The first of a kind is told; then it is quiet until things change.
    void Watch()
    {
        var stuck = health.Stuck;
        if (stuck is not null && _stuck is null)
            Log.Stuck(logger, stuck);
        else if (stuck is null && _stuck is not null)
            Log.Going(logger);
        _stuck = stuck;
    }

    void Look()
    {
        var before = disk.State;
        var now = disk.Look();
        if (now == before)
            return;
        deliveries.Shut(now == DiskState.Full);
        var percent = (int)(Math.Max(disk.Fullness, disk.Waiting) * 100);
        if (now == DiskState.Full && disk.IsOfWaiting)
            Log.TooManyWait(logger, percent);
        else if (now == DiskState.Warning && before == DiskState.Normal && disk.IsOfWaiting)
            Log.ManyWait(logger, percent);
        else if (now == DiskState.Full)
            Log.Full(logger, percent);
        else if (now == DiskState.Warning && before == DiskState.Normal)
            Log.Filling(logger, percent);
        else if (before == DiskState.Full)
            Log.Resumed(logger, percent);
    }

    static partial class Log
    {
        [LoggerMessage(210, LogLevel.Warning, "The store holds {Percent} percent of what it may on this "
            + "disk. Free space, or lower Store:RawDays or raise Store:DiskPercent.")]
        public static partial void Filling(ILogger logger, int percent);

        [LoggerMessage(211, LogLevel.Error, "The store is full ({Percent} percent of what it may hold on "
            + "this disk): nothing is taken in, and senders keep what they have, until there is space.")]
        public static partial void Full(ILogger logger, int percent);

        [LoggerMessage(218, LogLevel.Critical, "The loop '{Loop}' stands still: /health/live says 503, and "
            + "under systemd the worker is about to be ended and started again.")]
        public static partial void Stuck(ILogger logger, string loop);

        [LoggerMessage(219, LogLevel.Information, "All loops go round again.")]
        public static partial void Going(ILogger logger);

        [LoggerMessage(212, LogLevel.Information,
            "There is space again ({Percent} percent of what the store may hold): the doors are open.")]
        public static partial void Resumed(ILogger logger, int percent);

        [LoggerMessage(208, LogLevel.Warning, "{Percent} percent of what may wait for InfluxDB waits for it. "
            + "See why it takes nothing, or raise Store:WaitingDays or Store:WaitingMebibytes.")]
        public static partial void ManyWait(ILogger logger, int percent);

        [LoggerMessage(209, LogLevel.Error, "{Percent} percent of what may wait for InfluxDB waits for it: "
            + "nothing is taken in, and senders keep what they have, until InfluxDB takes some of it.")]
        public static partial void TooManyWait(ILogger logger, int percent);
    }
}
