namespace SpasmStream.Worker.Broker;

/// <summary>
/// How often a password may be guessed: 5 times an account and 20 times an address in 15 minutes. Beyond that
/// it is a delay and no lock-out: whoever is turned away is looked at again 30 seconds later, so that nobody
/// who guesses keeps out who knows.
/// </summary>
sealed class LoginLimits(TimeProvider time)
{
    const int PerAccount = 5;
    const int PerAddress = 20;
    const int KeysMax = 4_096;
    static readonly TimeSpan Window = TimeSpan.FromMinutes(15);
    static readonly TimeSpan Delay = TimeSpan.FromSeconds(30);

    readonly Lock _gate = new();
    readonly Dictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    /// <summary>How many accounts, addresses, and pairs of them are remembered.</summary>
    public int Keys
    {
        get
        {
            lock (_gate)
                return _tallies.Count;
        }
    }

    /// <summary>Counts an attempt as failed before it is looked at; false when it comes too soon.</summary>
    public bool TryBegin(string account, string address)
    {
        lock (_gate)
        {
            if (_tallies.Count > KeysMax - 3)
                MakeRoom();
            var (byAccount, byAddress, byBoth) =
                (Recent(OfAccount(account)), Recent(OfAddress(address)), Recent(OfBoth(account, address)));
            // Who waits for an account waits at an address: others who ask for it do not take the turn.
            var waits = byAddress.Failures.Count >= PerAddress && MustWait(byAddress);
            if (byAccount.Failures.Count >= PerAccount || byBoth.Failures.Count >= PerAccount)
                waits |= MustWait(byBoth);
            if (waits)
                return false;
            foreach (var tally in (Tally[])[byAccount, byAddress, byBoth])
            {
                tally.Refused = null;
                tally.Failures.Enqueue(time.GetTimestamp());
            }

            return true;
        }
    }

    /// <summary>Takes the attempt back: it was right.</summary>
    public void Succeeded(string account, string address)
    {
        lock (_gate)
            foreach (var key in (string[])[OfAccount(account), OfAddress(address), OfBoth(account, address)])
                DropNewest(key);
    }

    static string OfAccount(string account) => "u:" + account;

    static string OfAddress(string address) => "a:" + address;

    static string OfBoth(string account, string address) => $"b:{address} {account}";

    bool MustWait(Tally tally)
    {
        tally.Refused ??= time.GetTimestamp();
        return time.GetElapsedTime(tally.Refused.Value) < Delay;
    }

    Tally Recent(string key)
    {
        if (_tallies.TryGetValue(key, out var tally))
            Forget(tally);
        else
            tally = _tallies[key] = new Tally();
        tally.Seen = time.GetTimestamp();
        return tally;
    }

    void Forget(Tally tally)
    {
        while (tally.Failures.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Window)
            tally.Failures.Dequeue();
    }

    // What is over goes first; then whoever was seen longest ago.
    void MakeRoom()
    {
        foreach (var (key, _) in _tallies.Where(it => time.GetElapsedTime(it.Value.Seen) >= Window).ToList())
            _tallies.Remove(key);
        foreach (var (key, _) in _tallies.OrderBy(it => it.Value.Seen)
            .Take(_tallies.Count - KeysMax / 2).ToList())
            _tallies.Remove(key);
    }

    void DropNewest(string key)
    {
        if (!_tallies.TryGetValue(key, out var tally) || tally.Failures.Count == 0)
            return;
        if (tally.Failures.Count == 1)
            _tallies.Remove(key);
        else
            tally.Failures = new Queue<long>(tally.Failures.SkipLast(1));
    }

    /// <summary>What is remembered of an account, an address, or both.</summary>
    sealed class Tally
    {
        public Queue<long> Failures { get; set; } = [];

        /// <summary>Since when the next attempt waits; null while none does.</summary>
        public long? Refused { get; set; }

        public long Seen { get; set; }
    }
}
