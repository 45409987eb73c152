using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Tells the health routes what the loops' heartbeats and the disk say, and shuts the doors when it is full.
/// It never waits for the writer, so that it can tell when that stands still.
/// </summary>
sealed partial class HealthLoop(
    Health health, StoreWriter writer, AssessState assess, IntakeState intake, Settings settings,
    AccessState access, Heartbeats heartbeats, DeliveryQueue deliveries, DiskGauge disk, InfluxState influx,
    TimeProvider time, ILogger<HealthLoop> logger) : BackgroundService
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly TimeSpan DiskEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        long? measured = null;
        try
        {
            do
            {
                if (writer.SinceBeat < Limit)
                    health.Beat("writer", Limit);
                if (assess.SinceBeat(time) < Limit)
                    health.Beat("assess", Limit);
                foreach (var (loop, since) in heartbeats.All)
                    if (since < Limit)
                        health.Beat(loop, Limit);
                if (measured is not { } last || time.GetElapsedTime(last) >= DiskEvery)
                {
                    measured = time.GetTimestamp();
                    Look();
                }

                health.IsReady = access.IsIntact && (settings.UsesEmbeddedBroker || intake.Listening)
                    && writer.CanCommit && disk.State != DiskState.Full && influx.IsHealthy;
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
        }
    }

    void Look()
    {
        var before = disk.State;
        var now = disk.Look();
        if (now == before)
            return;
        deliveries.Shut(now == DiskState.Full);
        var percent = (int)(disk.Fullness * 100);
        if (now == DiskState.Full)
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

        [LoggerMessage(212, LogLevel.Information,
            "There is space again ({Percent} percent of what the store may hold): the doors are open.")]
        public static partial void Resumed(ILogger logger, int percent);
    }
}
