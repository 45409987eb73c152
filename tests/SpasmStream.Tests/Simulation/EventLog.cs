namespace SpasmStream.Tests.Simulation;

/// <summary>Everything that happened in a run, as a number that tells two runs apart, and as text.</summary>
sealed class EventLog(Action<string>? print)
{
    /// <summary>The same for two runs in which the same happened at the same times.</summary>
    public ulong Hash { get; private set; } = 14_695_981_039_346_656_037;

    public long Events { get; private set; }

    public void Note(long now, SimEvent what, long one = 0, long other = 0)
    {
        Mix(now);
        Mix((long)what);
        Mix(one);
        Mix(other);
        Events++;
        if (print is not null && what != SimEvent.Step)
            print($"{TimeSpan.FromTicks(now):hh\\:mm\\:ss\\.fffffff} {what} {one} {other}");
    }

    void Mix(long number) =>
        Hash = System.Numerics.BitOperations.RotateLeft(Hash ^ (ulong)number, 29) * 1_099_511_628_211;
}

/// <summary>What can happen; most have a number or two beside them.</summary>
enum SimEvent
{
    Step,
    Born,
    Killed,
    PowerLost,
    Stopping,
    Stopped,
    Published,
    Connect,
    Welcome,
    Refuse,
    Subscribe,
    Deliver,
    Redeliver,
    Overtaken,
    Acknowledge,
    Released,
    Cut,
    Close,
    SessionLost,
    SessionExpired,
    BrokerDown,
    BrokerUp,
    CommitBegins,
    CommitSynced,
    CommitLost,
    CommitTold,
    DiskFull,
    DiskFree,
    Taken,
    Marked,
    Write,
    Applied,
    Answer,
    InfluxFault,
    InfluxWell,
    Created,
    Calm,
    Drained,
}
