namespace SpasmStream.Tests.Simulation;

/// <summary>
/// One seed: about eight virtual hours of trouble, then calm until everything that was received is stored and
/// forwarded.
/// </summary>
sealed class SimRun : IDisposable
{
    static readonly TimeSpan Trouble = TimeSpan.FromHours(8);
    static readonly TimeSpan CalmMost = TimeSpan.FromHours(6);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);
    static readonly TimeSpan StopLook = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(20);

    readonly World _world;
    readonly ModelBroker _broker;
    readonly ModelInflux _influx;
    readonly Publishers _publishers;
    WorkerLife? _worker;
    int _lives;
    bool _isStopping;

    SimRun(SimPlan plan, Action<string>? print)
    {
        _world = new World(plan, print);
        _broker = new ModelBroker(_world);
        _influx = new ModelInflux(_world);
        _publishers = new Publishers(_world, _broker);
        _world.Chaos.Kill = Kill;
    }

    /// <summary>Runs a seed to its end, or to the first rule that is broken.</summary>
    public static SimReport Of(ulong seed, Action<string>? print = null) => Of(SimPlan.Draw(seed), print);

    public static SimReport Of(SimPlan plan, Action<string>? print = null)
    {
        using var run = new SimRun(plan, print);
        try
        {
            run.Go();
        }
        catch (SimulationException fault)
        {
            run._world.Break(fault.Message);
        }

        return new SimReport(plan, run._world.Log.Hash, run._world.Log.Events, run._lives,
            run._world.Ledger.Messages.Count, run._world.Kept.Messages.Count, run._broker.Losses.Count,
            [.. run._world.Broken]);
    }

    public void Dispose()
    {
        _worker?.Dispose();
        _world.Dispose();
    }

    void Go()
    {
        Begin();
        _publishers.Start();
        _broker.Trouble();
        _influx.Trouble();
        var plan = _world.Plan;
        _world.Often(plan.Kills, () => Kill(_worker?.Life, _world.Numbers.Chance(plan.PowerLoss)));
        _world.Often(plan.Stops, StopPolitely);
        _world.Often(plan.Fulls, FillDisk);
        Look();
        _world.Scheduler.RunUntil(Trouble, () => _world.Broken.Count > 0);
        if (_world.Broken.Count > 0)
            return;

        _world.Scheduler.Note(SimEvent.Calm);
        _world.Chaos.IsOver = true;
        _publishers.End();
        _broker.Heal();
        _influx.Heal();
        _world.Disk.IsFull = false;
        _world.Scheduler.RunUntil(Trouble + CalmMost, () => _world.Broken.Count > 0 || IsDrained());
        if (_world.Broken.Count > 0)
            return;
        if (!IsDrained())
            _world.Break($"after six calm hours something still waits: {Waiting()}");
        _world.Scheduler.Note(SimEvent.Drained);
        new SimCheck(_world, _broker, _influx).Look();
    }

    bool IsDrained() => _publishers.AreDone && _broker.IsDrained && _world.Disk.IsIdle
        && _world.Kept.Unforwarded == 0 && _worker is { IsWritten: true } && !_isStopping
        && AreGapsClosed;

    // A gap of the newest connection is open until that has subscribed.
    bool AreGapsClosed => _world.Book.Gaps().TrueForAll(gap => gap.End is not null);

    string Waiting() => $"publishers done {_publishers.AreDone}, broker drained {_broker.IsDrained}, "
        + $"disk idle {_world.Disk.IsIdle}, unforwarded {_world.Kept.Unforwarded}, "
        + $"gaps closed {AreGapsClosed}";

    void Begin()
    {
        _isStopping = false;
        _worker = new WorkerLife(_world, _broker, _influx, ++_lives);
        _worker.Start();
    }

    void BeginLater() => _world.Scheduler.After(
        _world.Numbers.Between(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(3)), Begin);

    void Kill(Life? life, bool powerLost)
    {
        if (life is null || life.HasEnded || _worker?.Life != life)
            return;
        _world.Scheduler.Note(powerLost ? SimEvent.PowerLost : SimEvent.Killed, life.Number);
        End(powerLost);
    }

    void End(bool powerLost)
    {
        var worker = _worker!;
        worker.Life.End();
        worker.Dispose();
        _worker = null;
        _world.Disk.Forget(worker.Life, powerLost);
        _broker.Drop(worker.Life, powerLost);
        BeginLater();
    }

    void StopPolitely()
    {
        if (_worker is not { } worker || _isStopping)
            return;
        _isStopping = true;
        _world.Scheduler.Note(SimEvent.Stopping, worker.Life.Number);
        worker.Stop();
        AwaitStop(worker, _world.Scheduler.Now + Patience.Ticks);
    }

    // D10: whoever is not done in time is cut off.
    void AwaitStop(WorkerLife worker, long until) => _world.Scheduler.After(StopLook, () =>
    {
        if (worker.Life.HasEnded)
            return;
        if (!worker.HasStopped && _world.Scheduler.Now < until)
        {
            AwaitStop(worker, until);
            return;
        }

        worker.Look(isStopping: true);
        _world.Scheduler.Note(SimEvent.Stopped, worker.Life.Number, worker.HasStopped ? 1 : 0);
        End(powerLost: false);
    });

    void FillDisk()
    {
        if (_world.Disk.IsFull)
            return;
        _world.Disk.IsFull = true;
        _world.Scheduler.After(_world.Numbers.Between(
                TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(_world.Plan.FullSeconds)),
            () => _world.Disk.IsFull = false);
    }

    void Look() => _world.Scheduler.After(LookEvery, () =>
    {
        _worker?.Look(_isStopping);
        Look();
    });
}

/// <summary>How a run went.</summary>
/// <param name="Plan">What was drawn.</param>
/// <param name="Hash">The same for the same run.</param>
/// <param name="Events">How much happened.</param>
/// <param name="Lives">How often the worker was begun.</param>
/// <param name="Sent">Messages published.</param>
/// <param name="Kept">Messages in the file.</param>
/// <param name="SessionsLost">How often the broker forgot us.</param>
/// <param name="Broken">Rules that were broken, each with its time.</param>
sealed record SimReport(SimPlan Plan, ulong Hash, long Events, int Lives, int Sent, int Kept,
    int SessionsLost, IReadOnlyList<string> Broken)
{
    const int Told = 12;

    public override string ToString() =>
        $"{string.Join('\n', Broken.Take(Told))}\n({Broken.Count} in all)\n{Plan}\n"
        + $"(run it alone: SPASMSTREAM_SEED={Plan.Seed})";
}
