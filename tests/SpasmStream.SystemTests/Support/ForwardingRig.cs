using Microsoft.Extensions.Logging.Abstractions;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Influx;
using SpasmStream.Worker;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>The forwarder in this process, in real time, from a journal in memory to a real server.</summary>
sealed class ForwardingRig : IAsyncDisposable
{
    public const long Begin = 1_700_000_000_000;

    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly CommitSignal _committed = new();
    readonly InfluxHttp _link;
    readonly Forwarder _forwarder;
    long _next = Begin;

    public ForwardingRig(InfluxOptions options)
    {
        _link = new InfluxHttp(options, TimeProvider.System);
        Door = new InfluxDoor(_link, options, State, TimeProvider.System, NullLogger<InfluxDoor>.Instance,
            () => 0);
        _forwarder = new Forwarder(Journal, Door, State, _committed, new LineWriter(name => name), options,
            new Heartbeats(TimeProvider.System), TimeProvider.System);
    }

    public MemoryJournal Journal { get; } = new();

    public InfluxState State { get; } = new();

    public InfluxDoor Door { get; }

    public InfluxHttp Link => _link;

    public ForwardSeries Series { get; } =
        new("p1", new Series("watch", Core.Signals.Signal.HeartRate, Stat.Raw, ""));

    /// <summary>How many were committed.</summary>
    public int Committed { get; private set; }

    /// <summary>Starts and commits so many samples, a second apart, their values counted from zero.</summary>
    public async Task StartAsync(int count)
    {
        Commit(count);
        await _forwarder.StartAsync(CancellationToken.None);
    }

    public void Commit(int count)
    {
        Journal.Add(Enumerable.Range(Committed, count).Select(Sample).ToList());
        Committed += count;
        _committed.Set();
    }

    public void Commit(IEnumerable<ForwardSample> samples)
    {
        Journal.Add(samples.ToList());
        _committed.Set();
    }

    public ForwardSample Sample(int value) => new(Series, Begin + (value * 1000L), 0, value,
        _next++, double.NaN, ForwardSample.NoOffset, false);

    public Task UntilForwardedAsync() => UntilAsync(() => Journal.Waiting == 0, "all is forwarded");

    public async Task UntilAsync(Func<bool> so, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!so())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < _patience,
                $"Waited in vain: {what}. {State.Words()} {Journal.Waiting} wait.");
            await poll.WaitForNextTickAsync();
        }
    }

    /// <summary>Whether influxd holds what was committed, every value once and nothing else.</summary>
    public async Task IsAllInAsync(InfluxdProcess influxd)
    {
        var rows = await influxd.AskAsync("SELECT value FROM heart_rate");
        Assert.Equal(Committed, rows.Count);
        for (var i = 0; i < rows.Count; i++)
            Assert.Equal((Begin + (i * 1000L), i), (rows[i][0].GetInt64(), rows[i][1].GetDouble()));
    }

    public async ValueTask DisposeAsync()
    {
        await _forwarder.StopAsync(CancellationToken.None);
        _forwarder.Dispose();
        _link.Dispose();
    }
}
