using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Writes the gaps that no message brings along: steps of the machine's clock, and QoS 0 messages dropped
/// after the last batch.
/// </summary>
sealed class GapLoop(
    DeliveryQueue queue, ArrivalClock clock, StoreWriter writer, Heartbeats heartbeats, TimeProvider time,
    ClockState? state = null) : BackgroundService
{
    const string Loop = "gaps";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            do
            {
                heartbeats.Beat(Loop);
                var steps = clock.TakeSteps();
                clock.Now(out var ahead);
                if (steps.Count > 0 || ahead < Duration.Zero)
                    state?.Stepped();
                // What waits for a batch is written with it.
                var dropped = queue.Messages == 0 ? queue.TakeDropped() : default;
                if (steps.Count > 0 || dropped.Count > 0)
                    await heartbeats.WaitAsync(Loop, writer.RunAsync(session =>
                        Write(session, steps, dropped), stoppingToken));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    static bool Write(WriteSession session, IReadOnlyList<ClockStep> steps, Drops dropped)
    {
        foreach (var step in steps)
            GapTable.Record(session, GapCause.ClockStep, step.Start, step.End);
        Dropping.Write(session, dropped);
        return true;
    }
}
