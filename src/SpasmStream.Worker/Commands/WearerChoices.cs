using System.CommandLine;
using System.Globalization;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Commands;

/// <summary>The options that say something of a wearer, for every verb that takes them.</summary>
sealed class WearerChoices
{
    readonly Option<string?> _zone = new("--zone")
    {
        Description = "IANA zone the wearer lives in, such as Europe/Berlin.",
    };

    readonly Option<string[]> _move = new("--move")
    {
        Description = "From when on in another zone: 2026-07-01T10:00:00+02:00=Europe/Lisbon.",
    };

    readonly Option<DayOfWeek[]> _freeDay = new("--free-day") { Description = "A day off." };
    readonly Option<double?> _attacks = new("--attacks") { Description = "Attacks in an ordinary month." };
    readonly Option<double?> _days = new("--migraine-days")
    {
        Description = "Migraine days in an ordinary month.",
    };

    readonly Option<Sex?> _sex = new("--sex") { Description = "Female, Male or Other." };
    readonly Option<int?> _born = new("--birth-year") { Description = "Year of birth." };
    readonly Option<TimeOnly?> _quietFrom = new("--quiet-from")
    {
        Description = "Start of the hours without pushes, local.",
    };

    readonly Option<TimeOnly?> _quietUntil = new("--quiet-until")
    {
        Description = "End of the hours without pushes, local.",
    };

    readonly Option<AlertMode?> _mode = new("--alert-mode")
    {
        Description = "Early, Promising, Validated or Off.",
    };

    readonly Option<string[]> _prefer = new("--prefer")
    {
        Description = "A device, the most trusted first.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_zone, _move, _freeDay, _attacks, _days, _sex, _born, _quietFrom,
            _quietUntil, _mode, _prefer])
            command.Options.Add(option);
    }

    /// <summary>
    /// Puts down what was said, and leaves the rest; <see cref="FormatException"/> when it says nothing.
    /// </summary>
    public void Apply(ParseResult parsed, WearerOptions wearer)
    {
        wearer.Zone = parsed.GetValue(_zone) ?? wearer.Zone;
        foreach (var move in parsed.GetValue(_move) ?? [])
            wearer.Moves.Add(ToMove(move));
        Replace(wearer.FreeDays, parsed.GetValue(_freeDay));
        Replace(wearer.PreferredDevices, parsed.GetValue(_prefer));
        wearer.AttacksPerMonth = parsed.GetValue(_attacks) ?? wearer.AttacksPerMonth;
        wearer.MigraineDaysPerMonth = parsed.GetValue(_days) ?? wearer.MigraineDaysPerMonth;
        wearer.Sex = parsed.GetValue(_sex) ?? wearer.Sex;
        wearer.BirthYear = parsed.GetValue(_born) ?? wearer.BirthYear;
        wearer.QuietFrom = parsed.GetValue(_quietFrom) ?? wearer.QuietFrom;
        wearer.QuietUntil = parsed.GetValue(_quietUntil) ?? wearer.QuietUntil;
        wearer.AlertMode = parsed.GetValue(_mode) ?? wearer.AlertMode;
    }

    static MoveOptions ToMove(string text)
    {
        if (text.Split('=') is not [var from, var zone]
            || !DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, out var instant))
            throw new FormatException($"--move {text}: an instant, =, and a zone are needed, such as "
                + "2026-07-01T10:00:00+02:00=Europe/Lisbon.");
        return new MoveOptions { From = instant, Zone = zone };
    }

    static void Replace<T>(List<T> old, T[]? said)
    {
        if (said is not { Length: > 0 })
            return;
        old.Clear();
        old.AddRange(said);
    }
}
