using System.ComponentModel.DataAnnotations;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker;

/// <summary>Finds what is wrong with one wearer as listed.</summary>
static class WearerCheck
{
    /// <summary>One line for each fault, beginning with its path.</summary>
    public static IEnumerable<string> Faults(WearerOptions wearer, string path)
    {
        if (!WearerId.IsValid(wearer.Id) || wearer.Id == InternalAccount.User)
            yield return
                $"{path}:Id: 1 to 64 characters of a-z, 0-9, _ and - are needed; worker is reserved.";
        if (wearer.Zone is { } home && !IsZone(home))
            yield return $"{path}:Zone: {NoZone(home)}";
        foreach (var (i, move) in wearer.Moves.Index())
            if (!IsZone(move.Zone))
                yield return $"{path}:Moves:{i}:Zone: {NoZone(move.Zone)}";
        foreach (var device in wearer.PreferredDevices)
            if (!WearerId.IsValid(device))
                yield return $"{path}:PreferredDevices: {device} is no name of a device.";
    }

    static bool IsZone(string? zone) =>
        zone is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null;

    static string NoZone(string? zone) => $"{zone} is not an IANA zone such as Europe/Berlin.".TrimStart();

    /// <summary>The same, with the limits of single settings.</summary>
    public static IEnumerable<string> AllFaults(WearerOptions wearer, string path)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(wearer, new ValidationContext(wearer), results, true);
        return Faults(wearer, path).Concat(
            results.Select(r => $"{path}:{r.MemberNames.FirstOrDefault()}: {r.ErrorMessage}"));
    }
}
