using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using NodaTime;

namespace SpasmStream.Worker;

/// <summary>
/// Deliveries between their door and the commit, with the budget of what is received and not yet committed.
/// At the high water mark the doors stop reading; beyond the hard cap nothing is admitted. While more waits
/// than a batch holds, batches and marks grow (<see cref="BatchGrowth"/>).
/// </summary>
/// <param name="options">The marks.</param>
/// <param name="clock">Receipts.</param>
/// <param name="time">Spaces the batches of a stream; null: nothing ever waits for company.</param>
/// <param name="timings">Learns how long acknowledgements take; null for nobody.</param>
sealed class DeliveryQueue(IOptions<IntakeOptions> options, ArrivalClock clock, TimeProvider? time = null,
    Timings? timings = null)
{
    readonly IntakeOptions _options = options.Value;
    readonly Channel<Delivery> _waiting =
        Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });

    // Read and written by whoever takes batches; read by the doors.
    readonly BatchGrowth _growth = new(options.Value);
    readonly Flow _flow = new();

    // Guarded by _gate: the budget, and whoever waits for it to fall.
    readonly Lock _gate = new();
    int _messages;
    long _bytes;
    Drops _dropped;
    bool _shut;
    TaskCompletionSource? _room;

    // Receipts on our own clock that are not yet committed, in order of arrival.
    readonly Queue<Instant> _uncommitted = [];

    /// <summary>Messages received and not yet committed.</summary>
    public int Messages => Volatile.Read(ref _messages);

    /// <summary>Bytes received and not yet committed.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether nothing is taken in at all.</summary>
    public bool IsShut
    {
        get
        {
            lock (_gate)
                return _shut;
        }
    }

    /// <summary>
    /// Shuts the doors or opens them again. What is in here already is still committed and acknowledged;
    /// senders are cut off without an acknowledgement and keep what they have.
    /// </summary>
    public void Shut(bool shut)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _shut = shut;
            if (!shut)
                (room, _room) = (_room, null);
        }

        room?.TrySetResult();
    }

    /// <summary>
    /// Takes a delivery in; false beyond the hard cap. A refused QoS 0 message is counted as dropped.
    /// </summary>
    public bool TryAdd(Delivery delivery)
    {
        lock (_gate)
            return Admit(delivery, clock.Now(out var ahead), ahead);
    }

    /// <summary>
    /// Takes deliveries in, in order. False when one that somebody waits for was turned away, and then no
    /// later one of that sort is taken in either: its sender must be cut off. What is refused of QoS 0 is
    /// counted as dropped.
    /// </summary>
    /// <param name="deliveries">What came in one piece.</param>
    /// <param name="turnedAway">How many of those that somebody waits for are not in here.</param>
    public bool TryAddAll(ReadOnlySpan<Delivery> deliveries, out int turnedAway)
    {
        turnedAway = 0;
        lock (_gate)
        {
            // One instant for all that came in one piece: nobody could tell them apart.
            var now = clock.Now(out var ahead);
            foreach (var delivery in deliveries)
                if (delivery.Qos == 0)
                    Admit(delivery, now, ahead);
                else if (turnedAway > 0 || !Admit(delivery, now, ahead))
                    turnedAway++;
        }

        return turnedAway == 0;
    }

    bool Admit(Delivery delivery, Instant now, Duration ahead)
    {
        if (_shut || _messages >= _options.HardCapMessages
            || _bytes + Size(delivery) > _options.HardCapBytes)
        {
            if (delivery.Qos == 0)
                _dropped = _dropped.And(now);
            return false;
        }

        _messages++;
        _bytes += Size(delivery);
        if (!delivery.Replayed)
        {
            // Stamped in here, so that receipts are in the order of the queue and none is ever overtaken.
            (delivery.Received, delivery.Ahead) = (now, ahead);
            _uncommitted.Enqueue(delivery.Received);
        }

        return _waiting.Writer.TryWrite(delivery);
    }

    /// <summary>
    /// What is waiting, as one batch, at once: busy, the slowness of the commit fills the next one. Only in a
    /// <see cref="Flow"/> does it begin no sooner than 5 to 20 ms after the last, because a quick disk would
    /// make hundreds of commits of a few messages.
    /// </summary>
    public async IAsyncEnumerable<List<Delivery>> ReadBatchesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var began = 0L;
        var linger = Flow.LingerAfter(0);
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            if (time is not null)
            {
                if (_flow.IsOn && Messages < _options.BatchMessages
                    && linger - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
                    await Task.Delay(left, time, cancellationToken);
                began = time.GetTimestamp();
            }

            var batch = new List<Delivery>();
            var bytes = 0L;
            var most = _growth.BatchMessages;
            while (batch.Count < most && bytes < _options.BatchBytes
                && _waiting.Reader.TryRead(out var delivery))
            {
                batch.Add(delivery);
                bytes += delivery.Payload.Length;
            }

            linger = Flow.LingerAfter(batch.Count);
            _growth.Took(batch.Count, Messages);
            yield return batch;
        }
    }

    /// <summary>
    /// For a door between two reads: where messages keep coming, a read every few milliseconds brings as many
    /// as a read a message, for one wake-up in place of dozens.
    /// </summary>
    public Task BreatheAsync(CancellationToken cancellationToken) =>
        _flow.IsOn && time is not null
            ? Task.Delay(Flow.Breath, time, cancellationToken) : Task.CompletedTask;

    /// <summary>Gives the budget of a committed and acknowledged batch back.</summary>
    public void Release(List<Delivery> batch)
    {
        if (timings is { WantsMessages: true })
            Time(batch, timings);
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _messages -= batch.Count;
            _flow.Committed(_messages);
            foreach (var delivery in batch)
            {
                _bytes -= Size(delivery);
                if (!delivery.Replayed)
                    _uncommitted.Dequeue();
            }

            if (!_shut && _messages <= _growth.LowWaterMessages && _bytes <= _options.LowWaterBytes)
                (room, _room) = (_room, null);
        }

        room?.SetResult();
    }

    /// <summary>
    /// The tap: completes at once below the high water mark, else when the low water mark is reached.
    /// </summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (!_shut && _room is null && _messages < _growth.HighWaterMessages
                && _bytes < _options.HighWaterBytes)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>
    /// Everything received on our own clock until then is committed, whatever the disk does.
    /// </summary>
    public Instant CommittedUntil
    {
        get
        {
            lock (_gate)
                return (_uncommitted.TryPeek(out var oldest) ? oldest : clock.Now())
                    - Duration.FromMilliseconds(1);
        }
    }

    /// <summary>QoS 0 messages dropped since the last call.</summary>
    public Drops TakeDropped()
    {
        lock (_gate)
        {
            var dropped = _dropped;
            _dropped = default;
            return dropped;
        }
    }

    void Time(List<Delivery> batch, Timings taken)
    {
        var now = clock.Now();
        foreach (var delivery in batch)
            if (!delivery.Replayed)
                taken.Acknowledged((now - delivery.Received).TotalSeconds);
    }

    // Topic and bookkeeping cost memory too: an empty message is not free.
    static long Size(Delivery delivery) => delivery.Payload.Length + 2 * delivery.Topic.Length + 200;
}

/// <summary>QoS 0 messages that nobody will send again, and the stretch they fell into.</summary>
readonly record struct Drops(long Count, Instant First, Instant Last)
{
    public Drops And(Instant at) => new(Count + 1, Count == 0 ? at : First, at);
}
