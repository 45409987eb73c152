using System.CommandLine;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Commands;

/// <summary><c>spasmsim run</c>: wearers with a past, then live, to a broker or into a file.</summary>
sealed class RunCommand
{
    readonly BrokerOptions _broker = new();

    readonly Option<string> _wearers = new("--wearers")
    {
        Description = "Names, separated by commas.", DefaultValueFactory = _ => "ada,ben,cleo",
    };

    readonly Option<string?> _characters = new("--characters")
    {
        Description = "One for each wearer: "
            + string.Join(", ", Character.All.Select(item => item.Name)) + ".",
    };

    readonly Option<string> _zone = new("--zone")
    {
        Description = "IANA zone they live in.", DefaultValueFactory = _ => "Europe/Berlin",
    };

    readonly Option<long> _seed = new("--seed")
    {
        Description = "The same seed gives the same messages.", DefaultValueFactory = _ => 1,
    };

    readonly Option<int> _days = new("--days")
    {
        Description = "Days of history.", DefaultValueFactory = _ => 200,
    };

    readonly Option<string?> _until = new("--until")
    {
        Description = "End of the history, RFC 3339; now if not given.",
    };

    readonly Option<double> _speed = new("--speed")
    {
        Description = "Simulated seconds a second, once live.", DefaultValueFactory = _ => 1,
    };

    readonly Option<string> _lastDay = new Option<string>("--last-day")
    {
        Description = "What the last day looks like.", DefaultValueFactory = _ => "usual",
    }.AcceptOnlyFromAmong("usual", "short-night");

    readonly Option<bool> _json = new("--json") { Description = "Print JSON, and no progress." };
    readonly Option<bool> _noLive = new("--no-live") { Description = "Stop after the history." };
    readonly Option<string?> _out = new("--out") { Description = "Write NDJSON to this file instead." };

    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command("run", "Publishes the history of simulated wearers, then their present.");
        run._broker.AddTo(command);
        foreach (var option in (Option[])
                 [run._wearers, run._characters, run._zone, run._seed, run._days, run._until, run._speed,
                     run._lastDay, run._json, run._noLive, run._out])
            command.Add(option);
        command.SetAction(run.InvokeAsync);
        return command;
    }

    async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var wearers = Wearers(parsed);
        var isJson = parsed.GetValue(_json);
        if (parsed.GetValue(_out) is { } file)
            return HistoryFile.Write(wearers, file, isJson);
        var speed = parsed.GetValue(_speed);
        if (!(speed > 0) || !double.IsFinite(speed))
            throw new BadArgumentsException($"--speed {speed} is not a positive number.");
        var run = new SimulationRun(wearers, _broker.Read(parsed), isJson, TimeProvider.System);
        return await run.RunAsync(parsed.GetValue(_noLive) ? null : speed, cancellationToken);
    }

    List<SimulatedWearer> Wearers(ParseResult parsed)
    {
        var names = Split(parsed.GetValue(_wearers)!);
        if (names.FirstOrDefault(name => !WearerId.IsValid(name)) is { } bad)
            throw new BadArgumentsException($"--wearers: {bad} is not 1 to 64 of a-z, 0-9, _ and -.");
        if (names.Length == 0 || names.Distinct().Count() < names.Length)
            throw new BadArgumentsException("--wearers needs at least one name, and each but once.");
        var characters = Characters(parsed.GetValue(_characters), names.Length);
        var zone = BrokerOptions.Zone(parsed.GetValue(_zone)!);
        var days = parsed.GetValue(_days);
        if (days is < 1 or > 3660)
            throw new BadArgumentsException($"--days {days} is not between 1 and 3660.");
        var lastDay = parsed.GetValue(_lastDay) == "usual" ? LastDay.Usual : LastDay.ShortNight;
        var until = Until(parsed.GetValue(_until));
        return [.. names.Select((name, i) => new SimulatedWearer(
            new(name, characters[i], zone, parsed.GetValue(_seed), days, until, lastDay)))];
    }

    static IReadOnlyList<Character> Characters(string? given, int count)
    {
        if (given is null)
            return [.. Enumerable.Range(0, count).Select(i => Character.All[i % Character.All.Count])];
        var names = Split(given);
        if (names.Length != count)
            throw new BadArgumentsException(
                $"--characters names {names.Length}, but there are {count} wearers.");
        return [.. names.Select(name => Character.Named(name)
            ?? throw new BadArgumentsException($"--characters: {name} is unknown; see spasmsim list."))];
    }

    static Instant Until(string? text)
    {
        if (text is null)
            return Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        return OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true, Value: var until }
            ? until.ToInstant()
            : throw new BadArgumentsException(
                $"--until {text} is not RFC 3339, such as 2026-03-07T10:00:00Z.");
    }

    static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
