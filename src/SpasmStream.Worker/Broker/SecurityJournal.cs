using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Writes down what concerns security, at most ten times an hour for each actor and action, so that a flood
/// of them cannot fill the disk; what was left out is counted and told with the next one.
/// </summary>
sealed partial class SecurityJournal(SecurityLog log, TimeProvider time, ILogger<SecurityJournal> logger)
{
    const int PerHour = 10;
    const int KeysMax = 4_096;
    const string Unknown = "unknown";
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    readonly Lock _gate = new();
    readonly Dictionary<(string Actor, string Action), Tally> _tallies = [];

    /// <param name="action">What happened.</param>
    /// <param name="account">Who; somebody who has no account is not named.</param>
    /// <param name="detail">A word or two, never a name or a topic.</param>
    public void Write(string action, Account? account, string? detail = null) =>
        Write(action, account?.User, detail);

    /// <param name="action">What happened.</param>
    /// <param name="user">Whose account it is, or was a moment ago; null when nobody's.</param>
    /// <param name="detail">A word or two, never a name or a topic.</param>
    public void Write(string action, string? user, string? detail = null)
    {
        var actor = user ?? Unknown;
        if (actor.Length > 128 || !actor.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            actor = Unknown;
        if (Admit(actor, action) is not { } leftOut)
            return;
        if (leftOut > 0)
            detail = $"{detail} ({leftOut} more were not written)".TrimStart();
        try
        {
            log.Append(new SecurityEvent(
                Instant.FromDateTimeOffset(time.GetUtcNow()), actor, action, null, detail));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The decision it tells of stands, written or not.
            Log.Unwritten(logger, fault.Message);
        }
    }

    /// <summary>How many were left out before this one; null when this one is left out too.</summary>
    long? Admit(string actor, string action)
    {
        lock (_gate)
        {
            if (!_tallies.TryGetValue((actor, action), out var tally))
            {
                if (_tallies.Count >= KeysMax)
                    _tallies.Clear();
                tally = _tallies[(actor, action)] = new Tally { Began = time.GetTimestamp() };
            }

            if (time.GetElapsedTime(tally.Began) >= Hour)
                (tally.Began, tally.Written) = (time.GetTimestamp(), 0);
            if (tally.Written == PerHour)
            {
                tally.LeftOut++;
                return null;
            }

            tally.Written++;
            var leftOut = tally.LeftOut;
            tally.LeftOut = 0;
            return leftOut;
        }
    }

    sealed class Tally
    {
        public long Began { get; set; }

        public int Written { get; set; }

        public long LeftOut { get; set; }
    }

    static partial class Log
    {
        [LoggerMessage(114, LogLevel.Error, "A security event could not be written: {Fault}")]
        public static partial void Unwritten(ILogger logger, string fault);
    }
}
