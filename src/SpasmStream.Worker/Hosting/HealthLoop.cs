using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Tells the health routes what the loops' heartbeats say, and evicts what dead letters are too many.
/// </summary>
sealed class HealthLoop(
    Health health, StoreWriter writer, AssessState assess, IntakeState intake, Settings settings,
    ArrivalClock clock, Heartbeats heartbeats,
    TimeProvider time) : BackgroundService
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly TimeSpan EvictionEvery = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var evicted = time.GetTimestamp() - time.TimestampFrequency * (long)EvictionEvery.TotalSeconds;
        var eviction = Task.CompletedTask;
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
                health.IsReady = settings.UsesEmbeddedBroker || intake.Listening;
                // Not waited for: health must be told while the disk is slow, most of all.
                if (eviction.IsCompleted)
                    await eviction;
                if (eviction.IsCompleted && time.GetElapsedTime(evicted) >= EvictionEvery)
                {
                    evicted = time.GetTimestamp();
                    eviction = writer.RunAsync(Evict, stoppingToken);
                }
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

    int Evict(WriteSession session)
    {
        var evicted = session.DeadLetters.Evict(clock.Now());
        session.Count(Counter.DeadLettersEvicted, evicted);
        return evicted;
    }
}
