using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Writes down, once an hour, that somebody makes up names; the dead letters tell more, and are bounded.
/// </summary>
sealed partial class CapEvents(SecurityLog log, TimeProvider time, ILogger<CapEvents> logger)
{
    static readonly TimeSpan Rest = TimeSpan.FromHours(1);
    long? _told;

    /// <summary>After a commit: what became of its messages.</summary>
    public void Note(ReadOnlySpan<DeliveryOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome.Reason != Reasons.Cardinality)
                continue;
            if (_told is { } last && time.GetElapsedTime(last) < Rest)
                return;
            _told = time.GetTimestamp();
            Write();
            return;
        }
    }

    void Write()
    {
        try
        {
            log.Append(new SecurityEvent(
                Instant.FromDateTimeOffset(time.GetUtcNow()), "worker", "denied", null, Reasons.Cardinality));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // What it tells of was refused, written or not.
            Log.Unwritten(logger, fault.Message);
        }
    }

    static partial class Log
    {
        [LoggerMessage(221, LogLevel.Error, "A security event could not be written: {Fault}")]
        public static partial void Unwritten(ILogger logger, string fault);
    }
}
