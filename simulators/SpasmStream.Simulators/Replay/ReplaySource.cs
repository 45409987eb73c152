using NodaTime;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Replay;

/// <summary>A file cannot be replayed; the message says why.</summary>
sealed class ReplayRefusedException(string message) : Exception(message);

/// <summary>Tells by its first line what a file is, and reads it as that.</summary>
static class ReplaySource
{
    public const string Device = "fitbit";

    public static IEnumerable<WireMessage> Read(
        IEnumerable<string> lines, SourceReport report, string? wearer, string? device, DateTimeZone? zone)
    {
        var first = lines.FirstOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "";
        var header = string.Join(',', first.Trim('\uFEFF').Split(',').Select(name => name.Trim()));
        if (first.TrimStart('\uFEFF', ' ').StartsWith('{'))
            return new Interchange(report, wearer, device).Read(lines);
        if (header == Fitabase.Header)
            return new Fitabase(report, zone ?? throw new ReplayRefusedException(
                "The file has wall-clock times without a zone: say where it was recorded with --zone, "
                + "such as --zone America/New_York."), wearer, device ?? Device).Read(lines);
        throw new ReplayRefusedException(Refusal(header));
    }

    static string Refusal(string header)
    {
        if (header.StartsWith("Id,SleepDay", StringComparison.Ordinal))
            return "The file has one line a night without start and end, so it says how long the wearer "
                + "slept but not when: no sleep can be made of it.";
        if (header.StartsWith("Id,ActivityDate,ActivityHour", StringComparison.Ordinal))
            return "The file has hourly intensities, which are neither heart rate nor steps.";
        if (header.StartsWith("Id,ActivityDate", StringComparison.Ordinal))
            return "The file has one line a day without start and end, so its steps cannot be "
                + "placed in the day.";
        return $"The file is neither an interchange file (NDJSON) nor a CSV with the header "
            + $"{Fitabase.Header}.";
    }
}
