namespace SpasmStream.Tests.Simulation;

/// <summary>
/// One life of the worker's process: everything it awaits comes back here, and nothing of it acts once it has
/// ended.
/// </summary>
sealed class Life(SeededScheduler scheduler, int number) : SynchronizationContext
{
    public int Number => number;

    public bool HasEnded { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!HasEnded)
            scheduler.Post(this, d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new SimulationException("A life is never sent to, only posted.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Nothing more of it runs, not even a finally.</summary>
    public void End() => HasEnded = true;

    /// <summary>Throws when somebody dead, or on a foreign thread, reaches for the outside.</summary>
    public void MustLive(string who)
    {
        if (HasEnded)
            throw new SimulationException($"{who}: a life that has ended still acts.");
    }
}
