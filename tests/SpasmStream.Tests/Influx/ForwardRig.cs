using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>A forwarder in fake time over a journal in memory.</summary>
sealed class ForwardRig : IAsyncDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    readonly ForwardSeries _series = new("p1", new Series("watch", Signal.HeartRate, Stat.Raw, ""));
    readonly CommitSignal _committed = new();
    readonly Forwarder _forwarder;
    readonly CanaryLoop _canary;
    long _next = 1_700_000_000_000;

    public ForwardRig(Func<string[], int, InfluxAnswer> answer, InfluxOptions? options = null)
    {
        Beats = new Heartbeats(Time);
        options ??= new InfluxOptions { Url = "http://127.0.0.1:1" };
        Link = new ScriptedLink(Time, answer);
        Door = new InfluxDoor(Link, options, State, Time, NullLogger<InfluxDoor>.Instance, () => 0.5);
        _forwarder = new Forwarder(Journal, Door, State, _committed, new LineWriter(name => name), options,
            Beats, Time);
        _canary = new CanaryLoop(Link, State, Beats, Time, NullLogger<CanaryLoop>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public MemoryJournal Journal { get; } = new();

    public InfluxState State { get; } = new();

    public ScriptedLink Link { get; }

    public InfluxDoor Door { get; }

    public Heartbeats Beats { get; }

    /// <summary>Commits so many samples, their values counted from a number.</summary>
    public void Commit(int count, int from = 0)
    {
        Journal.Add(Enumerable.Range(from, count).Select(value => new ForwardSample(
            _series, _next++, 0, value, _next, double.NaN, ForwardSample.NoOffset, false)));
        _committed.Set();
    }

    public Task StartAsync() => _forwarder.StartAsync(CancellationToken.None);

    public Task StartCanaryAsync() => _canary.StartAsync(CancellationToken.None);

    /// <summary>Waits in real time only, so nothing that takes its time can have happened.</summary>
    public Task AtOnceAsync(Func<bool> so, string what) => UntilAsync(so, what, TimeSpan.Zero);

    /// <summary>Lets fake time run, a second at a time or as told, until it is so.</summary>
    public async Task UntilAsync(Func<bool> so, string what, TimeSpan? step = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!so())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < _patience,
                $"Waited in vain: {what}. {State.Words()}");
            Time.Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Lets so much fake time pass.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        for (var end = Time.GetUtcNow() + span; Time.GetUtcNow() < end;)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _forwarder.StopAsync(CancellationToken.None);
        await _canary.StopAsync(CancellationToken.None);
        _forwarder.Dispose();
        _canary.Dispose();
    }
}
