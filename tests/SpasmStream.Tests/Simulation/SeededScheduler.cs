namespace SpasmStream.Tests.Simulation;

/// <summary>
/// One thread's worth of virtual time: what is ready runs in an order drawn from the seed, and when nothing
/// is ready time goes on to whatever is due next.
/// </summary>
sealed class SeededScheduler(SeededNumbers numbers, EventLog log)
{
    const int StallOneIn = 400;
    static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(80);

    readonly List<Ready> _ready = [];
    readonly PriorityQueue<Due, (long At, ulong Draw)> _due = new();
    readonly int _thread = Environment.CurrentManagedThreadId;
    string? _escape;

    /// <summary>Ticks since the beginning.</summary>
    public long Now { get; private set; }

    public long Steps { get; private set; }

    public void Note(SimEvent what, long one = 0, long other = 0) => log.Note(Now, what, one, other);

    /// <summary>The world does something later; nobody can stop it.</summary>
    public void After(TimeSpan wait, Action action) => Enqueue(wait, new Due(action, null, 0));

    public void Arm(TimeSpan wait, VirtualTimer timer, int arming) =>
        Enqueue(wait, new Due(null, timer, arming));

    /// <summary>A continuation of a life is ready; a thread may always be held up for a while.</summary>
    public void Post(Life life, SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            // Told on the thread of the run: whatever left it cannot be repeated.
            Interlocked.CompareExchange(ref _escape, Environment.StackTrace, null);
            return;
        }

        if (numbers.Next(StallOneIn) == 0)
            After(Stall * numbers.NextDouble(), () => _ready.Add(new Ready(life, callback, state)));
        else
            _ready.Add(new Ready(life, callback, state));
    }

    /// <summary>Runs until the time, or until it is told to stop.</summary>
    public void RunUntil(TimeSpan end, Func<bool> stop)
    {
        var outer = SynchronizationContext.Current;
        try
        {
            while (!stop() && Step(end.Ticks))
                if (Volatile.Read(ref _escape) is { } where)
                    throw new SimulationException($"Something left the one thread: {where}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    bool Step(long end)
    {
        Steps++;
        // Work takes time: so a timer, or a crash, may come between any two steps.
        if (_ready.Count > 0)
            Now += numbers.Next(200);
        var isDue = _due.TryPeek(out _, out var next) && next.At <= Now;
        if (_ready.Count > 0 && (!isDue || numbers.Next(2) == 0))
        {
            RunReady(numbers.Next(_ready.Count));
            return true;
        }

        if (_due.Count == 0 || (next.At > end && _ready.Count == 0))
        {
            Now = Math.Max(Now, end);
            return false;
        }

        Now = Math.Max(Now, next.At);
        RunDue(_due.Dequeue());
        return true;
    }

    void RunReady(int place)
    {
        log.Note(Now, SimEvent.Step, place, _ready.Count);
        var ready = _ready[place];
        _ready[place] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (ready.Life.HasEnded)
            return;
        SynchronizationContext.SetSynchronizationContext(ready.Life);
        ready.Callback(ready.State);
    }

    static void RunDue(Due due)
    {
        // As on a timer's own thread: whoever waits in a life is posted to it.
        SynchronizationContext.SetSynchronizationContext(null);
        due.Action?.Invoke();
        due.Timer?.Fire(due.Arming);
    }

    void Enqueue(TimeSpan wait, Due due) =>
        _due.Enqueue(due, (Now + Math.Max(0, wait.Ticks), numbers.Draw()));

    readonly record struct Ready(Life Life, SendOrPostCallback Callback, object? State);

    readonly record struct Due(Action? Action, VirtualTimer? Timer, int Arming);
}

/// <summary>The simulation itself, or what it ran, broke a rule; the message says which.</summary>
sealed class SimulationException(string message) : Exception(message);
