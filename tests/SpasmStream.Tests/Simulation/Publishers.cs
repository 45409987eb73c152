namespace SpasmStream.Tests.Simulation;

/// <summary>
/// Devices that send as they measure, and send again what the broker did not take, or seemed not to.
/// </summary>
sealed class Publishers(World world, ModelBroker broker)
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(7);

    bool _isOver;
    int _unsent;

    /// <summary>Whether everything was taken by the broker.</summary>
    public bool AreDone => _isOver && _unsent == 0;

    public void Start()
    {
        for (var device = 0; device < world.Plan.Devices; device++)
            Next(device);
        world.Often(world.Plan.Bursts / 8.0, Burst);
    }

    /// <summary>Nothing new is measured.</summary>
    public void End() => _isOver = true;

    void Next(int device) => world.Scheduler.After(
        world.Numbers.Pause(TimeSpan.FromSeconds(world.Plan.SecondsBetween)), () =>
        {
            if (_isOver)
                return;
            Send(device);
            Next(device);
        });

    // A watch comes home.
    void Burst()
    {
        var device = world.Numbers.Next(world.Plan.Devices);
        for (var i = 0; i < world.Plan.BurstOf; i++)
            Send(device);
    }

    void Send(int device)
    {
        var message = world.Ledger.Write(device, world.NowMs);
        _unsent++;
        Offer(message);
    }

    void Offer(SentMessage message)
    {
        if (broker.Publish(message))
        {
            world.Scheduler.Note(SimEvent.Published, message.Number);
            // The broker has it, but its answer did not come back.
            if (message.Qos > 0 && world.Numbers.Chance(world.Plan.SentTwice))
                world.Scheduler.After(Again, () => Offer(message));
            else
                _unsent--;
        }
        else if (message.Qos == 0)
        {
            _unsent--;
        }
        else
        {
            world.Scheduler.After(Again, () => Offer(message));
        }
    }
}
