namespace SpasmStream.Worker.Broker;

/// <summary>
/// How often a password may be guessed: 5 times an account and 20 times an address in 15 minutes. What lies
/// beyond is not looked at, and does not count, so a device with an old password locks out only itself.
/// </summary>
sealed class LoginLimits(TimeProvider time)
{
    const int PerAccount = 5;
    const int PerAddress = 20;
    const int KeysMax = 4_096;
    static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    readonly Lock _gate = new();
    readonly Dictionary<string, Queue<long>> _failures = new(StringComparer.Ordinal);

    /// <summary>How many accounts and addresses are remembered.</summary>
    public int Keys
    {
        get
        {
            lock (_gate)
                return _failures.Count;
        }
    }

    /// <summary>Counts an attempt as failed before it is looked at; false after too many.</summary>
    public bool TryBegin(string account, string address)
    {
        lock (_gate)
        {
            if (_failures.Count > KeysMax - 2)
                MakeRoom();
            var (byAccount, byAddress) = (Recent("u:" + account), Recent("a:" + address));
            if (byAccount.Count >= PerAccount || byAddress.Count >= PerAddress)
                return false;
            var now = time.GetTimestamp();
            byAccount.Enqueue(now);
            byAddress.Enqueue(now);
            return true;
        }
    }

    /// <summary>Takes the attempt back: it was right.</summary>
    public void Succeeded(string account, string address)
    {
        lock (_gate)
        {
            DropNewest("u:" + account);
            DropNewest("a:" + address);
        }
    }

    Queue<long> Recent(string key)
    {
        if (_failures.TryGetValue(key, out var failures))
        {
            Forget(failures);
            return failures;
        }

        return _failures[key] = new Queue<long>();
    }

    void Forget(Queue<long> failures)
    {
        while (failures.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Window)
            failures.Dequeue();
    }

    // What is over goes first; then whoever failed longest ago.
    void MakeRoom()
    {
        foreach (var failures in _failures.Values)
            Forget(failures);
        foreach (var (key, _) in _failures.Where(it => it.Value.Count == 0).ToList())
            _failures.Remove(key);
        foreach (var (key, _) in _failures.OrderBy(it => it.Value.Last())
            .Take(_failures.Count - KeysMax / 2).ToList())
            _failures.Remove(key);
    }

    void DropNewest(string key)
    {
        if (!_failures.TryGetValue(key, out var failures) || failures.Count == 0)
            return;
        var rest = failures.SkipLast(1).ToList();
        if (rest.Count == 0)
            _failures.Remove(key);
        else
            _failures[key] = new Queue<long>(rest);
    }
}
