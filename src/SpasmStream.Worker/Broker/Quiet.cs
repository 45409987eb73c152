namespace SpasmStream.Worker.Broker;

/// <summary>
/// Lets ten lines a second of each kind into the log, so that whoever floods the broker does not flood the
/// log; what was left out is counted and told with the next one.
/// </summary>
sealed class Quiet(TimeProvider time)
{
    const int PerSecond = 10;

    // Guarded by _gate. The kinds are ours, so they are few.
    readonly Lock _gate = new();
    readonly Dictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    /// <summary>Whether this one may be written.</summary>
    /// <param name="kind">Its kind: a word of ours, never anything that was received.</param>
    /// <param name="leftOut">How many were not, since the last one.</param>
    public bool Admit(string kind, out long leftOut)
    {
        lock (_gate)
        {
            if (!_tallies.TryGetValue(kind, out var tally))
                tally = _tallies[kind] = new Tally { Began = time.GetTimestamp() };
            if (time.GetElapsedTime(tally.Began) >= TimeSpan.FromSeconds(1))
                (tally.Began, tally.Written) = (time.GetTimestamp(), 0);
            leftOut = tally.LeftOut;
            if (tally.Written == PerSecond)
            {
                tally.LeftOut++;
                return false;
            }

            tally.Written++;
            tally.LeftOut = 0;
            return true;
        }
    }

    sealed class Tally
    {
        public long Began { get; set; }

        public int Written { get; set; }

        public long LeftOut { get; set; }
    }
}
