using NodaTime;
using SpasmStream.Simulators.Commands;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Replay;

/// <summary>Publishes a recording as fast as it is acknowledged, or at a multiple of its own pace.</summary>
sealed class ReplayRun(BrokerAddress broker, TimeProvider time)
{
    /// <param name="messages">The recording.</param>
    /// <param name="speed">Recorded seconds a second; null for as fast as may be.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    public async Task<WearerCount> RunAsync(
        IEnumerable<WireMessage> messages, double? speed, CancellationToken cancellationToken)
    {
        var count = new WearerCount("replay", "recording");
        await using var publisher = new MqttPublisher(broker, "replay", time);
        if (speed is not { } pace)
        {
            await publisher.PublishAsync(messages, count.Count, cancellationToken);
            return count;
        }

        var started = time.GetTimestamp();
        Instant? first = null;
        foreach (var message in messages)
        {
            first ??= message.Received;
            if (message.Received is { } received)
            {
                var due = (received - first!.Value).ToTimeSpan() / pace;
                if (due - time.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, cancellationToken);
            }
            await publisher.PublishAsync([message], count.Count, cancellationToken);
        }
        return count;
    }
}
