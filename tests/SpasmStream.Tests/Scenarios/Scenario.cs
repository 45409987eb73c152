using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;

namespace SpasmStream.Tests.Scenarios;

/// <summary>
/// A folder: <c>samples</c> and <c>episodes</c> hold what was sent and when it came, <c>expected</c> what
/// must be known of it at the end. A new scenario is a new folder.
/// </summary>
/// <remarks>
/// A line is <c>receipt device/kind payload</c>; in a payload <c>60*540</c> stands for 540 times 60. Lines
/// before them are settings: <c>zone</c>, <c>move INSTANT ZONE</c>, <c>prefer DEVICE ...</c>,
/// <c>until INSTANT</c>, and <c>forecasts</c> when the ledger is to be compared as well.
/// </remarks>
sealed partial class Scenario
{
    readonly List<ZoneStay> _zones = [];

    public List<Delivery> Deliveries { get; } = [];

    public IReadOnlyList<string> PreferredDevices { get; private set; } = [];

    public Instant Until { get; private set; }

    public bool TellsForecasts { get; private set; }

    public required string Expected { get; init; }

    public WearerProfile Profile => new() { Zones = _zones, PreferredDevices = PreferredDevices };

    public static IEnumerable<string> Names() =>
        Directory.EnumerateDirectories(Folder()).Select(folder => Path.GetFileName(folder)!).Order();

    public static Scenario Read(string name)
    {
        var folder = Path.Combine(Folder(), name);
        var scenario = new Scenario { Expected = string.Join('\n', Lines(folder, "expected")) };
        foreach (var line in Lines(folder, "samples").Concat(Lines(folder, "episodes")))
            scenario.Take(line);
        return scenario;
    }

    void Take(string line)
    {
        var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "zone":
                _zones.Insert(0, new ZoneStay(Instant.MinValue, DateTimeZoneProviders.Tzdb[words[1]]));
                break;
            case "move":
                _zones.Add(new ZoneStay(At(words[1]), DateTimeZoneProviders.Tzdb[words[2]]));
                break;
            case "prefer":
                PreferredDevices = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
                break;
            case "until":
                Until = At(words[1]);
                break;
            case "forecasts":
                TellsForecasts = true;
                break;
            default:
                Deliveries.Add(new Delivery
                {
                    Topic = $"spasmstream/v1/in/ada/{words[1]}",
                    Payload = Encoding.UTF8.GetBytes(Repeat().Replace(words[2], Repeated)),
                    Received = At(words[0]),
                    Replayed = true,
                });
                break;
        }
    }

    static string Repeated(Match match) => string.Join(',', Enumerable.Repeat(
        match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));

    static Instant At(string text) => OffsetDateTimePattern.Rfc3339.Parse(text).Value.ToInstant();

    static IEnumerable<string> Lines(string folder, string file) =>
        File.Exists(Path.Combine(folder, file))
            ? File.ReadLines(Path.Combine(folder, file)).Where(line => line.Length > 0 && line[0] != '#')
            : [];

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex(@"(-?[0-9.]+|null)\*([0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Repeat();
}
