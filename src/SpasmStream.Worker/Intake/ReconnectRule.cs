namespace SpasmStream.Worker.Intake;

/// <summary>
/// How long to wait before the next connection, decided by our own state: what the other side gives as its
/// reason is not reliable.
/// </summary>
sealed class ReconnectRule(TimeProvider time, Random random)
{
    /// <summary>Two workers with one client id throw each other out: neither may storm the broker.</summary>
    public const int ConnectsAMinute = 6;

    const int CutsMax = 3;
    static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(10);
    static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);
    static readonly TimeSpan Refusal = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LongestRefusal = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly Queue<long> _reached = [];
    long _began;
    int _unreached;
    int _cut;
    int _refused;

    /// <summary>Whether connections come and go faster than is good.</summary>
    public bool IsFlapping { get; private set; }

    /// <summary>An attempt begins.</summary>
    public void Begin() => _began = time.GetTimestamp();

    /// <summary>The pause after an attempt that ended so.</summary>
    public TimeSpan After(IntakeEnd end)
    {
        IsFlapping = false;
        var wait = end switch
        {
            IntakeEnd.Unreached => Growing(_unreached++),
            IntakeEnd.Refused => Min(LongestRefusal, ++_refused * Refusal),
            IntakeEnd.Cut => Cut(),
            IntakeEnd.KeepAlive => TimeSpan.Zero,
            _ => Lost(),
        };
        if (end == IntakeEnd.Unreached)
            return wait;
        _unreached = 0;
        return Max(wait, UntilAllowed(end));
    }

    // A connection that never came to a subscription: three of them, and it is no accident.
    TimeSpan Cut()
    {
        _cut = time.GetElapsedTime(_began) < ShortLife ? _cut + 1 : 1;
        IsFlapping = _cut >= CutsMax;
        return IsFlapping ? Refusal + Growing(3) : Growing(_cut - 1);
    }

    TimeSpan Lost()
    {
        (_cut, _refused) = (0, 0);
        return time.GetElapsedTime(_began) < ShortLife ? First : TimeSpan.Zero;
    }

    TimeSpan UntilAllowed(IntakeEnd end)
    {
        _reached.Enqueue(_began);
        while (_reached.Count > ConnectsAMinute)
            _reached.Dequeue();
        if (_reached.Count < ConnectsAMinute)
            return TimeSpan.Zero;
        var wait = Minute - time.GetElapsedTime(_reached.Peek());
        if (wait > TimeSpan.Zero && end is not (IntakeEnd.Refused or IntakeEnd.Unreached))
            IsFlapping = true;
        return wait;
    }

    TimeSpan Growing(int before) =>
        Min(Longest, First * Math.Pow(2, Math.Min(before, 10))) * (0.75 + 0.25 * random.NextDouble());

    static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
