using System.Collections.Frozen;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker;

/// <summary>Who is known here, with what they told us; and what to do about somebody who is not.</summary>
sealed class WearerDirectory
{
    readonly WearerProfile _stranger;

    // Replaced as a whole by whoever tells of a change, read by every room.
    volatile FrozenDictionary<WearerId, WearerProfile> _profiles;

    public WearerDirectory(
        IReadOnlyList<WearerOptions> listed, bool admitsStrangers, string? strangersZone = null)
    {
        AdmitsStrangers = admitsStrangers;
        var zone = strangersZone is null ? HomeZone()
            : DateTimeZoneProviders.Tzdb.GetZoneOrNull(strangersZone)
                ?? throw new SetupException($"{strangersZone} is not an IANA zone such as Europe/Berlin.");
        _stranger = new WearerProfile { Zones = [new ZoneStay(Instant.MinValue, zone)] };
        _profiles = listed.ToFrozenDictionary(wearer => new WearerId(wearer.Id), ToProfile);
    }

    /// <summary>Whether a wearer who is not listed is taken in with defaults.</summary>
    public bool AdmitsStrangers { get; }

    /// <summary>The listed ones.</summary>
    public IEnumerable<WearerId> Listed => _profiles.Keys;

    /// <summary>
    /// Takes over another list: who is new is admitted at once, who is gone no longer. What is known of those
    /// who stay changes at the next start, because forecasts are made with it. Gives back who is new.
    /// </summary>
    public IReadOnlyList<WearerId> Relist(IReadOnlyList<WearerOptions> listed)
    {
        var before = _profiles;
        _profiles = listed.ToFrozenDictionary(wearer => new WearerId(wearer.Id),
            wearer => before.GetValueOrDefault(new WearerId(wearer.Id)) ?? ToProfile(wearer));
        return _profiles.Keys.Where(wearer => !before.ContainsKey(wearer)).ToList();
    }

    public bool Admits(WearerId wearer) => AdmitsStrangers || _profiles.ContainsKey(wearer);

    public WearerProfile ProfileOf(WearerId wearer) => _profiles.GetValueOrDefault(wearer, _stranger);

    static WearerProfile ToProfile(WearerOptions wearer)
    {
        var home = wearer.Zone is null ? HomeZone() : DateTimeZoneProviders.Tzdb[wearer.Zone];
        var moves = wearer.Moves
            .Select(move => new ZoneStay(
                Instant.FromDateTimeOffset(move.From), DateTimeZoneProviders.Tzdb[move.Zone]))
            .OrderBy(move => move.From);
        return new WearerProfile
        {
            Zones = [new ZoneStay(Instant.MinValue, home), .. moves],
            FreeDays = wearer.FreeDays.Count == 0
                ? new HashSet<IsoDayOfWeek> { IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday }
                : wearer.FreeDays.Select(ToIso).ToHashSet(),
            AttacksPerMonth = wearer.AttacksPerMonth,
            MigraineDaysPerMonth = wearer.MigraineDaysPerMonth,
            Sex = wearer.Sex,
            BirthYear = wearer.BirthYear,
            QuietFrom = LocalTime.FromTimeOnly(wearer.QuietFrom),
            QuietUntil = LocalTime.FromTimeOnly(wearer.QuietUntil),
            AlertMode = wearer.AlertMode,
            PreferredDevices = wearer.PreferredDevices.ToArray(),
        };
    }

    static IsoDayOfWeek ToIso(DayOfWeek day) =>
        day == DayOfWeek.Sunday ? IsoDayOfWeek.Sunday : (IsoDayOfWeek)day;

    static DateTimeZone HomeZone() =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(TimeZoneInfo.Local.Id) ?? DateTimeZone.Utc;
}
