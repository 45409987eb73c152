using MQTTnet;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Simulation;

/// <summary>One connection of one life of the worker to the model broker.</summary>
sealed class ModelLink(
    World world, ModelBroker broker, Life life, DeliveryQueue queue, int keepAliveSeconds, TakeMessages take,
    int number) : IBrokerLink
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan TapLook = TimeSpan.FromMilliseconds(40);

    readonly Queue<Outgoing> _line = [];
    readonly AckOrder _order = new(world, number);
    bool _isPulling;
    bool _isAcknowledging;
    bool _isClosed;
    long _heard;
    long _cutAt;
    long _lastWritten;

    public Life Life => life;

    /// <summary>Whether bytes go through; the worker may not have noticed that they do not.</summary>
    public bool Stands { get; private set; }

    public bool IsConnected { get; private set; }

    public bool Reached { get; private set; }

    // Pings are answered while the line stands: each hears something, at the latest after the keep-alive.
    public TimeSpan Silence => queue.WaitForRoomAsync().IsCompleted
        ? TimeSpan.FromTicks(world.Scheduler.Now - Heard()) : TimeSpan.Zero;

    public string Hint => "";

    public async Task<BrokerWelcome> ConnectAsync(Func<Task> reached, CancellationToken cancellationToken)
    {
        world.Scheduler.Note(SimEvent.Connect, number, life.Number);
        if (!broker.IsUp)
        {
            // Refused at once, or no answer at all.
            await WaitAsync(world.Numbers.Next(4) == 0 ? Limit : world.About(world.Plan.LineMs),
                cancellationToken);
            throw new IOException("Nobody answers.");
        }

        await WaitAsync(world.About(world.Plan.LineMs), cancellationToken);
        Reached = true;
        await reached().WaitAsync(cancellationToken);
        if (broker.Answer != MqttClientConnectResultCode.Success)
        {
            world.Scheduler.Note(SimEvent.Refuse, (long)broker.Answer);
            return new BrokerWelcome(broker.Answer);
        }

        if (!broker.IsUp || !world.Chaos.IsOver && world.Numbers.Chance(world.Plan.CutInConnect / 2))
            throw new IOException("Cut before CONNECT was read.");
        (Stands, IsConnected, _heard) = (true, true, world.Scheduler.Now);
        var present = broker.Admit(this);
        world.Scheduler.Note(SimEvent.Welcome, number, present ? 1 : 0);
        // What is cut inside CONNACK leaves a session at the broker of which the client has not heard.
        if (!world.Chaos.IsOver && world.Numbers.Chance(world.Plan.CutInConnect / 2))
            Cut(isSilent: false);
        await WaitAsync(world.About(world.Plan.LineMs), cancellationToken);
        MustStand();
        if (world.Plan.KeepAliveSeconds is > 0 and var asked && asked < keepAliveSeconds)
            world.Scheduler.After(TimeSpan.FromSeconds(asked * 1.5), () => Cut(isSilent: false));
        return new BrokerWelcome(MqttClientConnectResultCode.Success, present, world.Plan.SessionSeconds,
            world.Plan.KeepAliveSeconds);
    }

    public async Task<MqttClientSubscribeResultCode> SubscribeAsync(
        string filter, CancellationToken cancellationToken)
    {
        await WaitAsync(world.About(world.Plan.LineMs), cancellationToken);
        MustStand();
        if (!world.Chaos.IsOver && world.Numbers.Chance(world.Plan.CutInConnect))
            Cut(isSilent: false);
        MustStand();
        var answer = broker.Grant;
        world.Scheduler.Note(SimEvent.Subscribe, number, (long)answer);
        if ((int)answer < 0x80)
            broker.Subscribe(this, filter);
        await WaitAsync(world.About(world.Plan.LineMs), cancellationToken);
        MustStand();
        return answer;
    }

    public async Task<MqttClientUnsubscribeResultCode> UnsubscribeAsync(
        string filter, CancellationToken cancellationToken)
    {
        await WaitAsync(world.About(world.Plan.LineMs), cancellationToken);
        MustStand();
        return MqttClientUnsubscribeResultCode.Success;
    }

    public async Task AcknowledgeAsync(ReadOnlyMemory<Receipt> run, CancellationToken cancellationToken)
    {
        world.Must(!_isAcknowledging, $"connection {number}: two acknowledge at a time");
        if (world.Chaos.Pass(life))
            await new TaskCompletionSource().Task;
        if (!IsConnected)
            throw new IOException("The connection is gone.");
        _isAcknowledging = true;
        foreach (var receipt in run.ToArray())
        {
            _order.Judge(receipt);
            Write(receipt.PacketId);
            if (world.Chaos.Pass(life))
                await new TaskCompletionSource().Task;
        }

        if (world.Numbers.Next(4) == 0)
            await WaitAsync(world.About(world.Plan.LineMs), cancellationToken);
        _isAcknowledging = false;
    }

    public async Task CloseAsync()
    {
        if (!IsConnected)
            return;
        world.Scheduler.Note(SimEvent.Close, number);
        IsConnected = false;
        await WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        End();
    }

    public void Dispose()
    {
        IsConnected = false;
        End();
    }

    /// <summary>The broker sends something; it arrives in order, at the line's pace.</summary>
    public void Put(Outgoing outgoing)
    {
        if (!Stands)
            return;
        _line.Enqueue(outgoing);
        if (_isPulling)
            return;
        _isPulling = true;
        world.Scheduler.After(world.About(world.Plan.LineMs), Pull);
    }

    /// <summary>
    /// The line ends; the worker notices soon, or by silence alone. The broker notices in its own time.
    /// </summary>
    public void Cut(bool isSilent)
    {
        if (!Stands)
            return;
        world.Scheduler.Note(SimEvent.Cut, number, isSilent ? 1 : 0);
        (Stands, _cutAt) = (false, world.Scheduler.Now);
        world.Scheduler.After(isSilent ? Limit * 3 : world.About(200), () => broker.Detach(this));
        if (!isSilent)
            world.Scheduler.After(world.About(300), () => IsConnected = false);
    }

    long Heard()
    {
        var until = Stands ? world.Scheduler.Now : _cutAt;
        var every = keepAliveSeconds * TimeSpan.TicksPerSecond;
        return _heard + (until - _heard) / every * every;
    }

    void Pull()
    {
        _isPulling = false;
        if (!Stands || life.HasEnded || _isClosed || _line.Count == 0)
            return;
        if (!queue.WaitForRoomAsync().IsCompleted)
        {
            PullAgain(TapLook);
            return;
        }

        var count = 1 + world.Numbers.Next(Math.Min(_line.Count, 64));
        var arrived = new Delivery[count];
        for (var i = 0; i < count; i++)
            arrived[i] = Arrive(_line.Dequeue());
        _heard = world.Scheduler.Now;
        take(arrived);
        if (_line.Count > 0 && !world.Chaos.Pass(life))
            PullAgain(TimeSpan.FromMilliseconds(world.Numbers.NextDouble() * 3));
    }

    void PullAgain(TimeSpan wait)
    {
        _isPulling = true;
        world.Scheduler.After(wait, Pull);
    }

    Delivery Arrive(Outgoing outgoing)
    {
        world.Scheduler.Note(outgoing.Dup ? SimEvent.Redeliver : SimEvent.Deliver, outgoing.Message.Number,
            outgoing.PacketId);
        if (outgoing.Message.Qos > 0)
            _order.Expect(outgoing);
        return new Delivery
        {
            Topic = outgoing.Message.Topic,
            Payload = outgoing.Message.Payload,
            Received = default,
            Retained = outgoing.Retained,
            Dup = outgoing.Dup,
            PacketId = outgoing.PacketId,
            Qos = outgoing.Message.Qos,
        };
    }

    void Write(ushort packetId)
    {
        if (!Stands)
            return;
        // In order, like everything on a line.
        _lastWritten = Math.Max(_lastWritten + 1,
            world.Scheduler.Now + world.About(world.Plan.LineMs).Ticks);
        world.Scheduler.After(TimeSpan.FromTicks(_lastWritten - world.Scheduler.Now), () =>
        {
            if (Stands)
                broker.Acknowledged(this, packetId);
        });
    }

    void End()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        Cut(isSilent: false);
    }

    void MustStand()
    {
        if (!Stands)
            throw new IOException("The connection is gone.");
    }

    Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)),
            new VirtualTime(world.Scheduler, life), cancellationToken);
}
