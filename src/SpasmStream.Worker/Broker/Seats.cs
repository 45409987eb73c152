namespace SpasmStream.Worker.Broker;

/// <summary>
/// How many connections there may be, in all and from one address. Whoever has said nothing yet makes room
/// for the next one, the longest waiting first: a crowd of silent ones keeps nobody out.
/// </summary>
sealed class Seats(int total, int perAddress)
{
    const int AskingMin = 4;

    readonly Lock _gate = new();
    readonly LinkedList<Caller> _all = [];

    /// <summary>How many there are, the worker's own left out.</summary>
    public int Taken
    {
        get
        {
            lock (_gate)
                return _all.Count(it => it.Standing != Standing.Own);
        }
    }

    /// <summary>
    /// Lets one in, or not; somebody may have to go for it, who is no longer counted and is to be cut off.
    /// </summary>
    public (bool IsIn, Caller? Leaves) Enter(Caller caller)
    {
        lock (_gate)
        {
            var leaves = Crowded(it => it.Address.Equals(caller.Address), perAddress, out var mayEnter);
            if (mayEnter && leaves is null)
                leaves = Crowded(_ => true, total, out mayEnter);
            if (!mayEnter)
                return (false, null);
            if (leaves is not null)
                _all.Remove(leaves);
            _all.AddLast(caller);
            return (true, leaves);
        }
    }

    /// <summary>It said who it is; from now on nobody takes its place.</summary>
    public void Hear(Caller caller)
    {
        lock (_gate)
            caller.Standing = Standing.Asking;
        caller.Heard();
    }

    /// <summary>Gives it a device's place; false when all are taken.</summary>
    public bool TrySeat(Caller caller)
    {
        lock (_gate)
        {
            var seated = _all.Where(it => it.Standing == Standing.Seated).ToList();
            if (seated.Count >= total || seated.Count(it => it.Address.Equals(caller.Address)) >= perAddress)
                return false;
            caller.Standing = Standing.Seated;
            return true;
        }
    }

    public void SeatOwn(Caller caller)
    {
        lock (_gate)
            caller.Standing = Standing.Own;
    }

    public void Leave(Caller caller)
    {
        lock (_gate)
            _all.Remove(caller);
    }

    // A few may always ask, even when all places are taken: one may be the worker itself, another comes back
    // to a place of its own, and whoever is refused is told.
    Caller? Crowded(Func<Caller, bool> belongs, int limit, out bool mayEnter)
    {
        var (count, seated) = (0, 0);
        Caller? longest = null;
        foreach (var it in _all.Where(it => it.Standing != Standing.Own && belongs(it)))
        {
            count++;
            if (it.Standing == Standing.Seated)
                seated++;
            else if (it.Standing == Standing.Silent)
                longest ??= it;
        }

        var isCrowded = count >= Math.Max(limit, seated + Math.Min(limit, AskingMin));
        mayEnter = !isCrowded || longest is not null;
        return isCrowded ? longest : null;
    }
}
