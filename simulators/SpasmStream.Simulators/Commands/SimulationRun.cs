using NodaTime;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Commands;

/// <summary>
/// Publishes all wearers side by side, each over a connection of its own: the past, then the present.
/// </summary>
sealed class SimulationRun(
    IReadOnlyList<SimulatedWearer> wearers, BrokerAddress broker, bool isJson, TimeProvider time)
{
    readonly List<WearerCount> _counts =
        [.. wearers.Select(wearer => WearerCount.Of(wearer.Options))];

    /// <param name="liveSpeed">Simulated seconds a second after the history; null to stop there.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    public async Task<int> RunAsync(double? liveSpeed, CancellationToken cancellationToken)
    {
        List<MqttPublisher> publishers =
            [.. wearers.Select(wearer => new MqttPublisher(broker, wearer.Options.Name, time))];
        try
        {
            var started = time.GetTimestamp();
            var progress = new Progress("history");
            await progress.RunAsync(isJson, () => AllAsync(
                (i, stop) => HistoryAsync(wearers[i], publishers[i], _counts[i], progress, stop),
                cancellationToken));
            var code = RunSummary.Print(_counts, time.GetElapsedTime(started), isJson);
            if (liveSpeed is not { } speed)
                return code;
            await AllAsync((i, stop) => LiveAsync(wearers[i], publishers[i], speed, stop), cancellationToken);
            return code;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        finally
        {
            foreach (var publisher in publishers)
                await publisher.DisposeAsync();
        }
    }

    /// <summary>
    /// When one wearer fails the others stop too, and the first failure is the one that is told.
    /// </summary>
    async Task AllAsync(Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> running = [.. Enumerable.Range(0, wearers.Count).Select(i => Task.Run(
            () => work(i, stop.Token), CancellationToken.None))];
        List<Task> left = [.. running];
        while (left.Count > 0)
        {
            var ended = await Task.WhenAny(left);
            left.Remove(ended);
            if (ended.IsCompletedSuccessfully)
                continue;
            await stop.CancelAsync();
            await Task.WhenAny(Task.WhenAll(left));
            await ended;
        }
    }

    async Task HistoryAsync(
        SimulatedWearer wearer, MqttPublisher publisher, WearerCount count, Progress progress,
        CancellationToken cancellationToken)
    {
        var start = wearer.Options.FirstDate.AtStartOfDayInZone(wearer.Options.Zone).ToInstant();
        var whole = (wearer.Options.Until - start).TotalSeconds * wearers.Count;
        var reached = start;
        await publisher.PublishAsync(wearer.Messages(), receipt =>
        {
            count.Count(receipt);
            var at = Instant.Max(receipt.Message.Received!.Value, reached);
            progress.Add((at - reached).TotalSeconds / whole);
            reached = at;
        }, cancellationToken);
        progress.Add((wearer.Options.Until - reached).TotalSeconds / whole);
    }

    async Task LiveAsync(
        SimulatedWearer wearer, MqttPublisher publisher, double speed, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        foreach (var message in wearer.LiveMessages())
        {
            var due = (message.Received!.Value - wearer.Options.Until).ToTimeSpan() / speed;
            if (due - time.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellationToken);

            // The present needs no stated receipt: the worker's own clock tells it.
            await publisher.PublishAsync(
                [message with { Received = null }], static _ => { }, cancellationToken);
        }
    }
}
