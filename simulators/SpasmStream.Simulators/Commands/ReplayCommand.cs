using System.CommandLine;
using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Replay;

namespace SpasmStream.Simulators.Commands;

/// <summary><c>spasmsim replay</c>: a recording, once more, over MQTT.</summary>
sealed class ReplayCommand
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly BrokerOptions _broker = new();

    readonly Argument<string> _file = new("file")
    {
        Description = "Interchange file (NDJSON) or a Fitabase heartrate_seconds_*.csv.",
    };

    readonly Option<string?> _wearer = new("--wearer") { Description = "Give everything to this wearer." };
    readonly Option<string?> _device = new("--device") { Description = "Give all values to this device." };
    readonly Option<string?> _zone = new("--zone") { Description = "IANA zone of the times in a CSV." };

    readonly Option<string> _speed = new("--speed")
    {
        Description = "max, or how many recorded seconds a second.", DefaultValueFactory = _ => "max",
    };

    readonly Option<bool> _json = new("--json") { Description = "Print JSON, and no progress." };

    public static Command Create()
    {
        var replay = new ReplayCommand();
        var command = new Command("replay", "Publishes a recording; nothing of it is lost on the way.")
        {
            replay._file,
        };
        replay._broker.AddTo(command);
        foreach (var option in (Option[])
                 [replay._wearer, replay._device, replay._zone, replay._speed, replay._json])
            command.Add(option);
        command.SetAction(replay.InvokeAsync);
        return command;
    }

    async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (wearer, device) = (Name(parsed, _wearer), Name(parsed, _device));
        var speed = Speed(parsed.GetValue(_speed)!);
        var zone = parsed.GetValue(_zone) is { } name ? BrokerOptions.Zone(name) : null;
        var broker = _broker.Read(parsed);
        var file = new FileInfo(parsed.GetValue(_file)!);
        if (!file.Exists)
            throw new BadArgumentsException($"There is no file {file.Name}.");

        var report = new SourceReport();
        var messages = ReplaySource.Read(File.ReadLines(file.FullName), report, wearer, device, zone);
        var run = new ReplayRun(broker, TimeProvider.System);
        var isJson = parsed.GetValue(_json);
        var started = TimeProvider.System.GetTimestamp();
        var count = await run.RunAsync(messages, speed, cancellationToken);
        return Print(report, count, TimeProvider.System.GetElapsedTime(started), isJson);
    }

    static int Print(SourceReport report, WearerCount count, TimeSpan took, bool isJson)
    {
        var seconds = Math.Round(took.TotalSeconds, 2);
        if (isJson)
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                rows = report.Rows, rowsNotSent = report.RowsNotSent, notSent = report.Refused,
                values = report.Values, messages = report.Messages, acknowledged = count.Messages,
                refused = count.Refused, seconds,
            }, Json));
        else
            Console.WriteLine(
                $"{report.Rows} rows read, {report.Values} values sent in {report.Messages} messages, "
                + $"{count.Messages} acknowledged, in {seconds} s.");
        if (report.RowsNotSent > 0)
            Console.Error.WriteLine(
                $"{report.RowsNotSent} rows were not sent: {string.Join("; ", report.Refused)}"
                + (report.RowsNotSent > report.Refused.Count ? "; ..." : "."));
        if (count.Refused == 0)
            return ExitCode.Ok;
        Console.Error.WriteLine($"The broker refused {count.Refused} messages, first {count.Refusal}.");
        return ExitCode.Failed;
    }

    static string? Name(ParseResult parsed, Option<string?> option)
    {
        var name = parsed.GetValue(option);
        return name is null || WearerId.IsValid(name)
            ? name
            : throw new BadArgumentsException($"{option.Name} {name} is not 1 to 64 of a-z, 0-9, _ and -.");
    }

    static double? Speed(string text)
    {
        if (text == "max")
            return null;
        return double.TryParse(text, out var speed) && speed > 0 && double.IsFinite(speed)
            ? speed
            : throw new BadArgumentsException($"--speed {text} is neither max nor a positive number.");
    }
}
