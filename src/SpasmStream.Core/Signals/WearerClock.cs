using NodaTime;

namespace SpasmStream.Core.Signals;

/// <summary>
/// Local dates and hours where the wearer lived then; skipped hours move on, doubled ones come first.
/// </summary>
public static class WearerClock
{
    /// <summary>The instant of a local date and time.</summary>
    public static Instant At(this WearerProfile profile, LocalDate date, LocalTime time)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var local = date + time;
        var zone = profile.ZoneAt(local.InUtc().ToInstant());
        var at = zone.AtLeniently(local).ToInstant();
        var lived = profile.ZoneAt(at);
        return lived.Equals(zone) ? at : lived.AtLeniently(local).ToInstant();
    }

    /// <summary>The local date and time of an instant.</summary>
    public static LocalDateTime LocalAt(this WearerProfile profile, Instant at)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return at.InZone(profile.ZoneAt(at)).LocalDateTime;
    }
}
