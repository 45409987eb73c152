using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// A channel by which announcements leave. It sends and says what came of it; when to send, how often, and
/// until when is the dispatcher's.
/// </summary>
interface INotifier
{
    /// <summary>Its name in the outbox.</summary>
    string Channel { get; }

    /// <summary>False while there is no way out: rows wait and no attempt is counted.</summary>
    bool IsOpen { get; }

    /// <summary>Sends an announcement once. What it throws counts as <see cref="Sending.Failed"/>.</summary>
    Task<SendAnswer> SendAsync(OutboxRow row, CancellationToken cancellationToken);

    /// <summary>Sends a message that says it is a test and is about nobody.</summary>
    Task<SendAnswer> TestAsync(string key, Instant now, CancellationToken cancellationToken);
}
