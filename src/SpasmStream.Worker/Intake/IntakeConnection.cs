using System.Threading.Channels;
using MQTTnet;
using NodaTime;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// One connection to the broker, from CONNECT to its end. It is never used again: an acknowledgement belongs
/// to its connection, and on a later one the same packet id is another message.
/// </summary>
sealed class IntakeConnection : IDisposable
{
    const uint SessionSeconds = 604_800;
    static readonly TimeSpan LastCommit = TimeSpan.FromSeconds(2);
    static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(60);
    static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(3);
    static readonly TimeSpan ProofEvery = TimeSpan.FromMilliseconds(50);
    const int ProofLooks = 6;

    readonly DeliveryQueue _queue;
    readonly TimeSpan _lookEvery;
    readonly TimeProvider _time;
    readonly IBrokerLink _link;
    readonly Subscriptions _subscriptions;
    readonly Acknowledge _acknowledge;
    readonly Channel<Receipt[]> _runs =
        Channel.CreateUnbounded<Receipt[]>(new UnboundedChannelOptions { SingleReader = true });

    volatile bool _overflown;
    volatile bool _isPastRepeats;
    long _taken;
    long _acknowledged;

    public IntakeConnection(IReadOnlyList<string> filters, int keepAliveSeconds, OpenLink open,
        DeliveryQueue queue, TimeSpan lookEvery, TimeProvider time)
    {
        (_queue, _lookEvery, _time, _acknowledge) = (queue, lookEvery, time, Acknowledge);
        KeepAliveSeconds = keepAliveSeconds;
        _link = open(keepAliveSeconds, Take);
        _subscriptions = new Subscriptions(_link, filters);
    }

    /// <summary>Seconds of the keep-alive: ours, or less when the broker says so.</summary>
    public int KeepAliveSeconds { get; private set; }

    /// <summary>Why the broker refused, in its own words, for the log.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>What may be the matter when the connection just ended, else empty.</summary>
    public string Hint => _link.Hint;

    /// <summary>Whether somebody answered at the broker's address.</summary>
    public bool Reached => _link.Reached;

    /// <summary>Whether the broker had kept our session.</summary>
    public bool SessionPresent { get; private set; }

    /// <summary>What was kept before, the broker knows to be acknowledged.</summary>
    public Instant RepeatsFrom { get; init; } = Instant.MinValue;

    /// <summary>
    /// Whether the broker has come to something new; until then more may come again that came long ago.
    /// </summary>
    public bool IsPastRepeats => _isPastRepeats;

    /// <summary>Since when nothing has come over the line; a closed tap is no silence.</summary>
    public TimeSpan Silence => _link.Silence;

    /// <summary>Connects and subscribes; null when we listen, else how it ended.</summary>
    public async Task<IntakeEnd?> OpenAsync(SessionBook book, CancellationToken cancellationToken)
    {
        if (await ConnectAsync(book, cancellationToken) is not { } welcome)
            return IntakeEnd.Refused;
        if (welcome.Result != MqttClientConnectResultCode.Success)
        {
            book.Refused();
            Refusal = welcome.Result.ToString();
            return welcome.Result is MqttClientConnectResultCode.BadUserNameOrPassword
                or MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.Banned
                or MqttClientConnectResultCode.ClientIdentifierNotValid
                ? IntakeEnd.Refused : IntakeEnd.Cut;
        }

        SessionPresent = welcome.SessionPresent;
        book.Expiry = Duration.FromSeconds(welcome.SessionSeconds is > 0 and < SessionSeconds
            and var shorter ? shorter : SessionSeconds);
        // Before anything else: the next answer will say that there is a session, this new one.
        book.Connected(SessionPresent);
        // The library goes on with its own keep-alive and is thrown out; so we come back with the broker's.
        if (welcome.KeepAliveSeconds > 0 && welcome.KeepAliveSeconds < KeepAliveSeconds)
        {
            KeepAliveSeconds = welcome.KeepAliveSeconds;
            return IntakeEnd.KeepAlive;
        }

        if (book.WantsProof)
            await ProveAsync(book, cancellationToken);
        await _subscriptions.SubscribeAsync(cancellationToken);
        Refusal = _subscriptions.Refusal;
        if (_subscriptions.AllDenied)
            return IntakeEnd.Refused;
        book.Subscribed(await _subscriptions.UnsubscribeAsync(book.Filters, cancellationToken));
        return null;
    }

    // A message before we have subscribed to anything comes of what the session was subscribed to before.
    // What waited comes at once; where nothing waited, little can have been lost.
    async Task ProveAsync(SessionBook book, CancellationToken cancellationToken)
    {
        for (var look = 0; look < ProofLooks && Volatile.Read(ref _taken) == 0; look++)
            await Task.Delay(ProofEvery, _time, cancellationToken);
        book.Proven(isKnown: Volatile.Read(ref _taken) > 0);
    }

    // A disk that takes nothing is not waited for: what is published meanwhile is better kept at the broker.
    async Task AskAsync(SessionBook book) =>
        await Task.WhenAny(book.AskAsync(), Task.Delay(AskPatience, _time, CancellationToken.None));

    async Task<BrokerWelcome?> ConnectAsync(SessionBook book, CancellationToken cancellationToken)
    {
        try
        {
            return await _link.ConnectAsync(() => AskAsync(book), cancellationToken);
        }
        catch (BrokerRefusedException fault)
        {
            Refusal = fault.Message;
            return null;
        }
    }

    /// <summary>
    /// Acknowledges in order of arrival until the connection ends; <paramref name="look"/> is called all the
    /// while.
    /// </summary>
    public async Task ListenAsync(Action look, CancellationToken cancellationToken)
    {
        using var ended = new CancellationTokenSource();
        var acknowledging = AcknowledgeAsync(ended.Token);
        var asked = _time.GetTimestamp();
        // The library's events are late and unreliable about an end; its flag is not. It has also been known
        // to call a dead line connected, so silence ends it too.
        while (_link.IsConnected && !acknowledging.IsCompleted && !_overflown && !_queue.IsShut
            && !cancellationToken.IsCancellationRequested && Silence.TotalSeconds < 2 * KeepAliveSeconds)
        {
            look();
            await Task.WhenAny(acknowledging, LookAgainAsync(cancellationToken));
            if (Refusal.Length > 0 && _time.GetElapsedTime(asked) >= AskAgain)
            {
                asked = _time.GetTimestamp();
                await _subscriptions.SubscribeAsync(cancellationToken);
                Refusal = _subscriptions.Refusal;
            }
        }

        // Stopping: what a running commit holds is still acknowledged; the rest comes again. So with too much
        // at once: whoever sends it all again on each connection would else never be rid of any of it.
        if (cancellationToken.IsCancellationRequested || _overflown)
            await Task.WhenAny(acknowledging, SettledAsync(acknowledging),
                Task.Delay(LastCommit, _time, CancellationToken.None));
        _runs.Writer.TryComplete();
        End(ended);
        await acknowledging;
    }

    // Awaited here, because a cancelled delay goes by way of another thread to whoever waits for any of two.
    async Task LookAgainAsync(CancellationToken cancellationToken) =>
        await Task.Delay(_lookEvery, _time, cancellationToken);

    // At once, where the awaiting form would go by way of another thread.
    static void End(CancellationTokenSource source) => source.Cancel();

    async Task SettledAsync(Task acknowledging)
    {
        var taken = Volatile.Read(ref _taken);
        while (Volatile.Read(ref _acknowledged) < taken && !acknowledging.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, CancellationToken.None);
    }

    /// <summary>
    /// Says goodbye without touching the session, so that the broker goes on keeping for us.
    /// </summary>
    public Task CloseAsync() => _link.CloseAsync();

    public void Dispose() => _link.Dispose();

    void Take(ReadOnlySpan<Delivery> messages)
    {
        // Nothing is acknowledged past a message that was turned away: acknowledgements keep their order.
        if (_overflown)
        {
            foreach (var message in messages)
                if (message.Qos == 0)
                    _queue.TryAdd(message);
            return;
        }

        var waiting = 0;
        foreach (var message in messages)
        {
            message.Acknowledge = _acknowledge;
            message.RepeatsFrom = RepeatsFrom;
            if (message is { Dup: false, Qos: > 0 })
                _isPastRepeats = true;
            waiting += message.Qos > 0 ? 1 : 0;
        }

        Interlocked.Add(ref _taken, waiting);
        if (_queue.TryAddAll(messages, out var turnedAway))
            return;
        Interlocked.Add(ref _taken, -turnedAway);
        _overflown = true;
    }

    void Acknowledge(ReadOnlySpan<Delivery> run, ReadOnlySpan<DeliveryOutcome> outcomes)
    {
        var count = 0;
        foreach (var delivery in run)
            count += delivery.Qos > 0 ? 1 : 0;
        if (count == 0)
            return;
        var receipts = new Receipt[count];
        var at = 0;
        foreach (var delivery in run)
            if (delivery.Qos > 0)
                receipts[at++] = new Receipt(delivery.PacketId, delivery.Qos);
        // After the end nobody reads it: what comes late is acknowledged nowhere, and comes again.
        _runs.Writer.TryWrite(receipts);
    }

    async Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _runs.Reader.WaitToReadAsync(cancellationToken))
                while (_runs.Reader.TryRead(out var run))
                {
                    await _link.AcknowledgeAsync(run, cancellationToken);
                    Interlocked.Add(ref _acknowledged, run.Length);
                }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // The connection is gone; what was not acknowledged on it comes again on the next one.
        }
    }
}
