using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Hosting;

/// <summary>What is tried again and what is limited is measured under the name of its door.</summary>
public sealed class PipelineMetricsTests : IDisposable
{
    // Other tests use the same meter at the same time: what is heard here began here.
    readonly AsyncLocal<bool> _mine = new();
    readonly MeterListener _listener = new();
    readonly ConcurrentBag<string> _heard = [];

    public PipelineMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Polly")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Hear(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Hear(instrument, tags));
        _listener.Start();
    }

    [Fact]
    public async Task Connections_to_the_broker_are_counted_and_spaced_as_the_rule_says()
    {
        _mine.Value = true;
        var time = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        var waits = new Queue<TimeSpan>([TimeSpan.Zero, TimeSpan.FromSeconds(4)]);
        var connections = 0;
        var running = new BrokerLoop(time, _ => waits.Dequeue()).RunAsync(_ =>
        {
            connections++;
            return Task.FromResult(IntakeEnd.Cut);
        }, stop.Token);

        Assert.Equal(2, connections);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(2, connections);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.True(Heard("resilience.polly.strategy.events", "event.name=OnRetry", "pipeline.name=broker"));
    }

    [Fact]
    public async Task What_a_connection_throws_ends_the_loop()
    {
        var loop = new BrokerLoop(new FakeTimeProvider(), _ => TimeSpan.Zero);

        await Assert.ThrowsAsync<InvalidOperationException>(() => loop.RunAsync(
            _ => throw new InvalidOperationException("A fault of ours."), CancellationToken.None));
    }

    [Fact]
    public async Task An_attempt_at_a_channel_is_measured_by_its_name()
    {
        _mine.Value = true;
        var door = NotifyDoor.Build("webhook-7", new FakeTimeProvider());

        await door.ExecuteAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);

        Assert.True(Heard(
            "resilience.polly.pipeline.duration", "pipeline.name=notify", "pipeline.instance=webhook-7"));
    }

    public void Dispose() => _listener.Dispose();

    bool Heard(params string[] words) =>
        _heard.Any(it => words.All(word => it.Contains(word, StringComparison.Ordinal)));

    void Hear(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_mine.Value)
            return;
        var words = new List<string> { instrument.Name };
        foreach (var (key, value) in tags)
            words.Add($"{key}={value}");
        _heard.Add(string.Join(' ', words));
    }
}
