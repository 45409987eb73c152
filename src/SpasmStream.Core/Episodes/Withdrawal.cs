using NodaTime;

namespace SpasmStream.Core.Episodes;

/// <summary>
/// What was sent under an id is taken back: a sleep episode, an activity bout or a diary entry. It takes back
/// every version whose revision is not higher than its own, whenever that comes.
/// </summary>
/// <param name="Device">The device of the topic, or <c>diary</c>.</param>
/// <param name="Kind">The last level of the topic, such as <c>sleep</c> or <c>episode</c>.</param>
/// <param name="Id">The sender's id.</param>
/// <param name="Revision">Its own revision.</param>
/// <param name="Received">When it reached us.</param>
public sealed record Withdrawal(string Device, string Kind, string Id, int Revision, Instant Received);
