namespace SpasmStream.Tests.Simulation;

/// <summary>What every part of a run shares: time, numbers, the plan, and what is wrong so far.</summary>
sealed class World : IDisposable
{
    public World(SimPlan plan, Action<string>? print)
    {
        Plan = plan;
        Numbers = new SeededNumbers(plan.Seed);
        Log = new EventLog(print);
        Scheduler = new SeededScheduler(Numbers, Log);
        Chaos = new Chaos(Numbers, plan);
        Ledger = new Ledger(Numbers, plan);
        Disk = new ModelDisk(Scheduler, Numbers, plan, Chaos);
    }

    public SimPlan Plan { get; }

    public SeededNumbers Numbers { get; }

    public EventLog Log { get; }

    public SeededScheduler Scheduler { get; }

    public Chaos Chaos { get; }

    public Ledger Ledger { get; }

    public ModelDisk Disk { get; }

    public KeptContent Kept { get; } = new();

    public KeptBook Book { get; } = new();

    /// <summary>Each rule that was broken, with the time.</summary>
    public List<string> Broken { get; } = [];

    public long NowMs => VirtualTime.Beginning.AddTicks(Scheduler.Now).ToUnixTimeMilliseconds();

    public void Break(string rule) =>
        Broken.Add($"{TimeSpan.FromTicks(Scheduler.Now):hh\\:mm\\:ss\\.fff} {rule}");

    public void Must(bool holds, string rule)
    {
        if (!holds)
            Break(rule);
    }

    public void Dispose() => Book.Dispose();

    /// <summary>Some latency, seldom long.</summary>
    public TimeSpan About(int milliseconds) =>
        TimeSpan.FromMilliseconds(milliseconds * (0.2 + Numbers.NextDouble()))
        * (Numbers.Next(50) == 0 ? 8 : 1);

    /// <summary>Something that happens so often an hour, until nothing more goes wrong.</summary>
    public void Often(double anHour, Action action)
    {
        if (anHour <= 0)
            return;
        Scheduler.After(Numbers.Pause(TimeSpan.FromHours(1 / anHour)), () =>
        {
            if (Chaos.IsOver)
                return;
            action();
            Often(anHour, action);
        });
    }
}
