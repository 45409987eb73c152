using Microsoft.Extensions.Options;
using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// What the broker keeps for us, written down: a session that it has lost is a gap, and a filter that the
/// configuration no longer has is taken back. The order is kept; only CONNECT waits for the disk, a while.
/// </summary>
/// <remarks>
/// That a session was lost the broker says once, in one bit, and from then on it has a session again. Whoever
/// dies between hearing that bit and writing it down would never come to know; nor would whoever did not hear
/// it at all. So the gap is in the file, open and unsure, before CONNECT goes out: the answer withdraws it or
/// gives it its cause, and without an answer it stays, until the next subscription ends it. What is lost can
/// so be told too often, for the moment of a crash, and too seldom only by a crash while the disk is full.
/// </remarks>
/// <param name="options">Which broker, and who we are there.</param>
/// <param name="read">What is written down of a client.</param>
/// <param name="write">Completes when the job is in the file.</param>
/// <param name="clock">Our own clock.</param>
sealed class SessionBook(IOptions<MqttOptions> options, Func<string, BrokerSession?> read,
    Func<Action<WriteSession>, Task> write, ArrivalClock clock)
{
    static readonly Duration Kept = Duration.FromDays(7);
    static readonly Duration Every = Duration.FromMinutes(5);

    // The same client id at another broker is another session.
    readonly string _client = $"{options.Value.ClientId}@{options.Value.Host}:{options.Value.Port}";

    BrokerSession? _known;
    Doubt _doubt;
    bool _asked;
    bool _read;
    Instant _stamped;

    /// <summary>A book in the store.</summary>
    public static SessionBook In(
        StoreFile file, StoreWriter writer, IOptions<MqttOptions> options, ArrivalClock clock) =>
        new(options, client => SessionTable.Read(file, client), job => writer.RunAsync(session =>
        {
            job(session);
            return true;
        }, CancellationToken.None), clock);

    /// <summary>The session's life at the broker without us.</summary>
    public Duration Expiry { get; set; } = Kept;

    /// <summary>What the session is subscribed to, as far as we know.</summary>
    public IReadOnlyList<string> Filters => _known?.Filters ?? [];

    /// <summary>When the link last stood, as far as we know.</summary>
    public Instant? Stood => _known?.Seen;

    /// <summary>Completes when all of it is in the file.</summary>
    public Task Written { get; private set; } = Task.CompletedTask;

    /// <summary>An attempt begins; throws what the store threw meanwhile.</summary>
    public void Begin()
    {
        if (Written.IsFaulted)
            Written.GetAwaiter().GetResult();
        // Asked, and no answer heard: the next one may speak of a session that was made for this one.
        if (_asked && _doubt == Doubt.None)
            _doubt = Doubt.Provable;
        _asked = false;
        if (_read)
            return;
        _known = read(_client);
        _doubt = _known is { IsUnsure: true } ? Doubt.Lasting : Doubt.None;
        _read = true;
    }

    /// <summary>CONNECT goes out when this is done.</summary>
    public Task AskAsync()
    {
        if (_known is not { } known)
            return Task.CompletedTask;
        _asked = true;
        if (_doubt == Doubt.None)
            Write(session => GapTable.Open(session, GapCause.SessionUnsure, known.Seen));
        return Written;
    }

    /// <summary>The broker has refused us: it neither made nor took a session.</summary>
    public void Refused() => Connected(sessionPresent: true);

    /// <summary>The broker has answered: what it has forgotten may be lost from now back to then.</summary>
    public void Connected(bool sessionPresent)
    {
        _asked = false;
        if (_known is not { } lost)
            return;
        if (sessionPresent)
        {
            if (_doubt == Doubt.None)
                Write(GapTable.Withdraw);
            return;
        }

        (_known, _doubt) = (null, Doubt.None);
        var now = clock.Now();
        var cause = now < lost.Expires ? GapCause.SessionLost : GapCause.SessionExpired;
        Write(session =>
        {
            // Not by what is received when this is written: that has come over the new session already.
            GapTable.Open(session, cause, Instant.Min(lost.Seen, now));
            SessionTable.Remove(session, _client);
        });
    }

    /// <summary>Whether it would help to see that the session is subscribed already.</summary>
    public bool WantsProof => _doubt == Doubt.Provable;

    /// <summary>It was subscribed before we did that, so it is the one that we know; or it was not.</summary>
    public void Proven(bool isKnown)
    {
        _doubt = isKnown ? Doubt.None : Doubt.Lasting;
        if (isKnown)
            Write(GapTable.Withdraw);
    }

    /// <summary>From now on nothing is missed.</summary>
    public void Subscribed(IReadOnlyList<string> filters)
    {
        _doubt = Doubt.None;
        var now = _stamped = clock.Now();
        var known = _known = new BrokerSession(filters, now, now + Expiry);
        Write(session =>
        {
            GapTable.Close(session, now);
            SessionTable.Put(session, _client, known);
        });
    }

    /// <summary>The link stood, so long ago; written now and then, and when it has ended.</summary>
    public void Seen(TimeSpan ago, bool ended)
    {
        if (_known is null)
            return;
        var now = clock.Now();
        var seen = Instant.Max(_known.Seen, now - Duration.FromTimeSpan(ago));
        var known = _known = _known with { Seen = seen, Expires = seen + Expiry };
        if (!ended && now - _stamped < Every)
            return;
        _stamped = now;
        Write(session => SessionTable.Put(session, _client, known));
    }

    void Write(Action<WriteSession> job) => Written = AfterAsync(Written, job);

    async Task AfterAsync(Task before, Action<WriteSession> job)
    {
        await before;
        await write(job);
    }

    /// <summary>Whether the session that is there may be another than the one that we know.</summary>
    enum Doubt
    {
        None,

        /// <summary>Made for a CONNECT whose answer we missed: it is subscribed to nothing.</summary>
        Provable,

        /// <summary>Made in an earlier run, or subscribed since: it looks like the other.</summary>
        Lasting,
    }
}
