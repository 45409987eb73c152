using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker;

/// <summary>What a wearer told us about themselves, as it stands in the configuration.</summary>
sealed class WearerOptions
{
    /// <summary>The wearer's name in topics: 1 to 64 of a-z, 0-9, _ and -.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>
    /// IANA zone the wearer lives in, before any of the moves. The default is this machine's zone.
    /// </summary>
    public string? Zone { get; set; }

    /// <summary>Moves to other zones, for travel that should count. The default is none.</summary>
    public List<MoveOptions> Moves { get; } = [];

    /// <summary>Days off. The default is Saturday and Sunday.</summary>
    public List<DayOfWeek> FreeDays { get; } = [];

    /// <summary>Attacks in an ordinary month, as the wearer says. The default is not told.</summary>
    [Range(0, 60)]
    public double? AttacksPerMonth { get; set; }

    /// <summary>Migraine days in an ordinary month, as the wearer says. The default is not told.</summary>
    [Range(0, 30)]
    public double? MigraineDaysPerMonth { get; set; }

    /// <summary>Sex: Female, Male or Other. The default is not told.</summary>
    public Core.Signals.Sex? Sex { get; set; }

    /// <summary>Year of birth, for the expected maximal heart rate. The default is not told.</summary>
    [Range(1900, 2100)]
    public int? BirthYear { get; set; }

    /// <summary>Start of the hours without pushes, local. The default is 22:00.</summary>
    public TimeOnly QuietFrom { get; set; } = new(22, 0);

    /// <summary>End of the hours without pushes, local. The default is 06:00.</summary>
    public TimeOnly QuietUntil { get; set; } = new(6, 0);

    /// <summary>When to be alerted: Early, Promising, Validated or Off. The default is Early.</summary>
    public Core.Signals.AlertMode AlertMode { get; set; }

    /// <summary>Devices, most trusted first. The default is none.</summary>
    public List<string> PreferredDevices { get; } = [];
}

/// <summary>From when on a wearer lived in another zone.</summary>
sealed class MoveOptions
{
    /// <summary>The first instant there.</summary>
    [Required]
    public DateTimeOffset From { get; set; }

    /// <summary>IANA zone.</summary>
    [Required]
    public string Zone { get; set; } = "";
}
