using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>A channel that announcements wait for in the outbox, and which ones it wants.</summary>
/// <param name="Name">Its name in the outbox, unique; it stays the same over restarts.</param>
sealed record OutChannel(string Name)
{
    /// <summary>The broker: everything about everybody.</summary>
    public static readonly OutChannel Mqtt = new("mqtt");

    /// <summary>About whom; null for everybody.</summary>
    public IReadOnlySet<WearerId>? Wearers { get; init; }

    /// <summary>Whether mere changes of a risk window, without an alert, are left out.</summary>
    public bool AlertsOnly { get; init; }

    public bool Takes(WearerId wearer, Announcement news) =>
        (news.Alert is not null || !AlertsOnly) && Wearers?.Contains(wearer) != false;
}
