namespace SpasmStream.Worker.Broker;

/// <summary>What is to be done with the next packet of a client.</summary>
readonly record struct PaceRuling(TimeSpan Wait, bool IsFlood);

/// <summary>
/// How fast one client is read: messages and bytes a second, and ten seconds' worth of both at once. What is
/// beyond is read later and nothing is lost by it. Only who goes on for a minute's worth with what it waits
/// for no answer to, messages of QoS 0 and requests, is a flood: a history of QoS 1 is slowed, never cut.
/// </summary>
sealed class Pace(int messagesPerSecond, int bytesPerSecond, TimeProvider time)
{
    const int BurstSeconds = 10;
    const int FloodSeconds = 60;

    // Guarded by _gate: the old connection of a client may end while the new one reads.
    readonly Lock _gate = new();
    readonly Budget _messages = new(messagesPerSecond);
    readonly Budget _bytes = new(bytesPerSecond);
    long _at = time.GetTimestamp();

    /// <summary>Whether it has rested long enough to be as new.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _messages.IsAt(1) && _bytes.IsAt(1);
            }
        }
    }

    /// <summary>Takes a packet into account, and says how long it is to wait.</summary>
    public PaceRuling Charge(PacketHead packet)
    {
        lock (_gate)
        {
            Refill();
            var unanswered = !packet.IsAnsweredMessage && !packet.IsAnswer;
            var wait = Math.Max(_messages.Take(packet.IsAnswer ? 0 : 1, unanswered),
                _bytes.Take(packet.Total, unanswered));
            return new PaceRuling(TimeSpan.FromSeconds(wait), _messages.IsFlood || _bytes.IsFlood);
        }
    }

    void Refill()
    {
        var elapsed = time.GetElapsedTime(_at).TotalSeconds;
        _at = time.GetTimestamp();
        _messages.Refill(elapsed);
        _bytes.Refill(elapsed);
        // Whoever has rested begins again.
        if (_messages.IsAt(0.5) && _bytes.IsAt(0.5))
            _messages.Late = _bytes.Late = 0;
    }

    /// <summary>One of the two: what may be taken now, and what came unanswered when it could not.</summary>
    sealed class Budget(int perSecond)
    {
        double _level = (double)BurstSeconds * perSecond;

        public double Late { get; set; }

        public bool IsFlood => perSecond > 0 && Late > (double)FloodSeconds * perSecond;

        public bool IsAt(double share) => _level >= share * BurstSeconds * perSecond;

        public void Refill(double seconds) =>
            _level = Math.Min(_level + seconds * perSecond, (double)BurstSeconds * perSecond);

        /// <summary>Seconds until it is there; 0 for no limit.</summary>
        public double Take(long amount, bool unanswered)
        {
            if (perSecond == 0)
                return 0;
            _level -= amount;
            if (_level < 0 && unanswered)
                Late += amount;
            return Math.Max(0, -_level / perSecond);
        }
    }
}
