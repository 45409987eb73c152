using MQTTnet;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// A broker with one client: it keeps a session, forgets it at times, goes away, refuses, and sends more than
/// it was asked for.
/// </summary>
sealed class ModelBroker(World world)
{
    static readonly TimeSpan RefusalLasts = TimeSpan.FromMinutes(5);

    readonly Dictionary<string, SentMessage> _retained = [];
    ModelSession? _session;
    ModelLink? _link;
    int _links;

    public bool IsUp { get; private set; } = true;

    /// <summary>What it answers to CONNECT.</summary>
    public MqttClientConnectResultCode Answer { get; private set; } = MqttClientConnectResultCode.Success;

    /// <summary>What it answers to SUBSCRIBE.</summary>
    public MqttClientSubscribeResultCode Grant { get; private set; } =
        MqttClientSubscribeResultCode.GrantedQoS1;

    /// <summary>Nothing is kept for the client any more.</summary>
    public bool IsDrained => _session is { IsEmpty: true, Filters.Count: > 0 } && _link is { Stands: true };

    /// <summary>Every time a session was lost that was subscribed to something.</summary>
    public List<SessionLoss> Losses { get; } = [];

    public OpenLink Door(Life life, DeliveryQueue queue) =>
        (keepAliveSeconds, take) => new ModelLink(world, this, life, queue, keepAliveSeconds, take, ++_links);

    /// <summary>Begins to make trouble.</summary>
    public void Trouble()
    {
        var plan = world.Plan;
        world.Often(plan.Cuts, () => _link?.Cut(world.Numbers.Chance(plan.HalfOpen)));
        world.Often(plan.Outages, () => GoAway(
            world.Numbers.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(plan.OutageSeconds))));
        world.Often(plan.Refusals, Refuse);
    }

    /// <summary>From a publisher; false when it must send it again.</summary>
    public bool Publish(SentMessage message)
    {
        if (!IsUp)
            return false;
        Expire();
        if (message.Retain)
            _retained[message.Topic] = message;
        if (_session is { Filters.Count: > 0 } session)
        {
            if (message.Qos == 0)
                _link?.Put(new Outgoing(message, 0, false, false));
            else
                session.Waiting.Enqueue(message);
            message.ForgottenAt = null;
        }
        else
        {
            message.ForgottenAt ??= world.Scheduler.Now;
        }

        message.AcceptedAt ??= world.Scheduler.Now;
        Pump();
        return true;
    }

    /// <summary>Takes a client over; whether there was a session for it.</summary>
    public bool Admit(ModelLink link)
    {
        if (_link is { } old && old != link)
        {
            world.Scheduler.Note(SimEvent.Overtaken);
            old.Cut(isSilent: false);
        }

        Expire();
        // Asked for with no word of it in the file, because the disk was full: that much is not promised.
        if (world.Disk.IsOrWasFull && !world.Book.MissesSession)
            foreach (var loss in Losses)
                loss.IsExcused = true;
        _link = link;
        var present = _session is not null;
        _session ??= new ModelSession();
        _session.EndsAt = null;
        foreach (var outgoing in _session.InFlight)
            link.Put(outgoing with { Dup = true });
        Pump();
        return present;
    }

    public void Subscribe(ModelLink link, string filter)
    {
        if (_link != link || _session is not { } session || !session.Filters.Add(filter))
            return;
        // Retained messages go to whoever is new.
        foreach (var message in _retained.Values)
        {
            if (message.Qos == 0)
                link.Put(new Outgoing(message, 0, Retained: true, Dup: false));
            else
                session.Waiting.Enqueue(message);
            message.ForgottenAt = null;
        }

        while (session.Waiting.Count > 0)
            link.Put(session.Send(retained: true));
    }

    /// <summary>An acknowledgement has come over a connection that stands.</summary>
    public void Acknowledged(ModelLink link, ushort packetId)
    {
        if (_link != link || _session is not { } session)
            return;
        world.Scheduler.Note(SimEvent.Released, packetId);
        world.Must(session.Release(packetId), $"packet {packetId} is acknowledged that is not in flight");
        Pump();
    }

    /// <summary>A life of the client has ended; without power it says nothing more, not even that.</summary>
    public void Drop(Life life, bool powerLost)
    {
        if (_link?.Life == life)
            _link.Cut(isSilent: powerLost);
    }

    /// <summary>The connection has ended; the session goes on without it.</summary>
    public void Detach(ModelLink link)
    {
        if (_link != link)
            return;
        _link = null;
        var life = world.Plan.SessionSeconds is > 0 and var asked ? asked : 604_800;
        if (_session is { } session)
            session.EndsAt = world.Scheduler.Now + life * TimeSpan.TicksPerSecond;
    }

    /// <summary>All is well from now on.</summary>
    public void Heal()
    {
        (IsUp, Answer, Grant) = (true, MqttClientConnectResultCode.Success,
            MqttClientSubscribeResultCode.GrantedQoS1);
        Pump();
    }

    void Pump()
    {
        if (_link is not { Stands: true } link || _session is not { } session)
            return;
        while (session.Waiting.Count > 0 && session.InFlight.Count < world.Plan.ReceiveMaximum)
            link.Put(session.Send());
    }

    void GoAway(TimeSpan howLong)
    {
        if (!IsUp)
            return;
        IsUp = false;
        world.Scheduler.Note(SimEvent.BrokerDown);
        _link?.Cut(world.Numbers.Chance(world.Plan.HalfOpen));
        if (world.Numbers.Chance(world.Plan.SessionLoss))
            Forget(SimEvent.SessionLost);
        world.Scheduler.After(howLong, () =>
        {
            IsUp = true;
            world.Scheduler.Note(SimEvent.BrokerUp);
        });
    }

    void Refuse()
    {
        if (world.Numbers.Next(3) == 0)
            Grant = MqttClientSubscribeResultCode.NotAuthorized;
        else
            Answer = world.Numbers.Pick(MqttClientConnectResultCode.BadUserNameOrPassword,
                MqttClientConnectResultCode.NotAuthorized, MqttClientConnectResultCode.ServerUnavailable,
                MqttClientConnectResultCode.ServerBusy, MqttClientConnectResultCode.QuotaExceeded);
        _link?.Cut(isSilent: false);
        world.Scheduler.After(RefusalLasts * world.Numbers.NextDouble(), () =>
        {
            Answer = MqttClientConnectResultCode.Success;
            Grant = MqttClientSubscribeResultCode.GrantedQoS1;
        });
    }

    void Expire()
    {
        if (_session is { EndsAt: { } end } && end <= world.Scheduler.Now)
            Forget(SimEvent.SessionExpired);
    }

    void Forget(SimEvent why)
    {
        if (_session is not { } session)
            return;
        world.Scheduler.Note(why, session.Waiting.Count, session.InFlight.Count);
        foreach (var message in session.Everything())
            message.ForgottenAt = world.Scheduler.Now;
        if (session.Filters.Count > 0)
            Losses.Add(new SessionLoss(world.Scheduler.Now, world.Book.KnowsSession));
        _session = null;
    }
}

/// <summary>A session was lost, with all that waited in it.</summary>
/// <param name="At">When, in ticks.</param>
/// <param name="WasWrittenDown">Whether the client's journal knew of the session then.</param>
sealed record SessionLoss(long At, bool WasWrittenDown)
{
    /// <summary>Whether a crash may hide it.</summary>
    public bool IsExcused { get; set; }
}
