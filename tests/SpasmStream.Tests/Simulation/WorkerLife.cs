using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// One life of the worker: its own parts, unmodified, between the models. Its loops are begun here and not by
/// a host, which would give each a thread.
/// </summary>
sealed class WorkerLife : IDisposable
{
    static readonly Func<BackgroundService, CancellationToken, Task> _run =
        typeof(BackgroundService).GetMethod("ExecuteAsync", BindingFlags.Instance | BindingFlags.NonPublic)!
        .CreateDelegate<Func<BackgroundService, CancellationToken, Task>>();

    static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(30);

    readonly World _world;
    readonly CancellationTokenSource _stop = new();
    readonly List<BackgroundService> _loops;
    readonly List<Task> _running = [];
    readonly Heartbeats _heartbeats;
    readonly SessionBook _book;
    readonly AssessQueue _assess = new();

    public WorkerLife(World world, ModelBroker broker, ModelInflux influx, int number)
    {
        _world = world;
        Life = new Life(world.Scheduler, number);
        var time = new VirtualTime(world.Scheduler, Life);
        var clock = new ArrivalClock(time);
        if (world.Book.Heard is { } heard)
            clock.NotBefore(heard);
        var intake = Options.Create(IntakeOf(world.Plan));
        var mqtt = Options.Create(new MqttOptions { Host = "model" });
        var journal = new JournalDoor(world, Life);
        var queue = new DeliveryQueue(intake, clock);
        var committed = new CommitSignal();
        _heartbeats = new Heartbeats(time);
        _book = world.Book.For(Life, world.Disk, mqtt, clock);
        _loops =
        [
            new Pipeline(queue, new WireDecoder(), new WearerDirectory([], admitsStrangers: true, "UTC"),
                journal, _assess, committed, intake, _heartbeats),
            new MqttIntake(mqtt, broker.Door(Life, queue), queue, _book, new IntakeState(), _heartbeats, time,
                NullLogger<MqttIntake>.Instance, world.Numbers),
            .. Forwarding(journal, new ModelInfluxLink(world, influx, Life), committed, time),
        ];
    }

    public Life Life { get; }

    /// <summary>Whether all loops have come to their end.</summary>
    public bool HasStopped => _running.Count > 0 && _running.TrueForAll(loop => loop.IsCompleted);

    /// <summary>Whether what it knew of its session is in the file.</summary>
    public bool IsWritten => _book.Written.IsCompletedSuccessfully;

    public void Start()
    {
        _world.Scheduler.Note(SimEvent.Born, Life.Number);
        foreach (var loop in _loops)
            Life.Post(_ => _running.Add(_run(loop, _stop.Token)), null);
    }

    public void Stop() => Life.Post(_ => _stop.Cancel(), null);

    /// <summary>A loop neither ends by itself nor stands still (D17).</summary>
    public void Look(bool isStopping)
    {
        foreach (var loop in _running)
            if (loop.IsFaulted)
                _world.Break($"a loop failed: {loop.Exception!.InnerException}");
            else if (loop.IsCompleted && !isStopping)
                _world.Break("a loop ended by itself");
        foreach (var (loop, since) in _heartbeats.All)
            _world.Must(since <= StuckAfter || isStopping, $"D17: the loop {loop} stands still for {since}");
    }

    IEnumerable<BackgroundService> Forwarding(
        JournalDoor journal, ModelInfluxLink link, CommitSignal committed, TimeProvider time)
    {
        var options = new InfluxOptions { Url = "http://model", BatchLines = 200, BatchBytes = 64 * 1024 };
        var state = new InfluxState();
        var door = new InfluxDoor(link, options, state, time, NullLogger<InfluxDoor>.Instance,
            _world.Numbers.NextDouble);
        yield return new Forwarder(journal, door, state, committed, new LineWriter(name => name), options,
            _heartbeats, time);
        yield return new CanaryLoop(link, state, _heartbeats, time, NullLogger<CanaryLoop>.Instance);
    }

    public void Dispose()
    {
        _assess.Dispose();
        _stop.Dispose();
    }

    static IntakeOptions IntakeOf(SimPlan plan) => new()
    {
        BatchMessages = plan.BatchMessages,
        LowWaterMessages = plan.HighWater / 4,
        HighWaterMessages = plan.HighWater,
        HardCapMessages = plan.HardCap,
    };
}
