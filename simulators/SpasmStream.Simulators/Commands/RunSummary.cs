using System.Text.Json;

namespace SpasmStream.Simulators.Commands;

/// <summary>One line, or one JSON object, at the end of a history.</summary>
static class RunSummary
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Prints it; the exit code tells whether everything was taken.</summary>
    public static int Print(IReadOnlyList<WearerCount> counts, TimeSpan took, bool isJson)
    {
        var seconds = Math.Round(took.TotalSeconds, 2);
        var (messages, samples) = (counts.Sum(count => count.Messages), counts.Sum(count => count.Samples));
        if (isJson)
            Console.WriteLine(JsonSerializer.Serialize(
                new { wearers = counts, messages, samples, seconds }, Json));
        else
            Console.WriteLine(
                $"{messages} messages with {samples} samples in {seconds} s: "
                + string.Join(", ", counts.Select(count =>
                    $"{count.Wearer} ({count.Character}) {count.Messages} messages, {count.Samples} samples"))
                + ".");
        var refused = counts.Sum(count => count.Refused);
        if (refused == 0)
            return ExitCode.Ok;
        Console.Error.WriteLine(
            $"The broker refused {refused} messages, first "
            + $"{counts.First(count => count.Refused > 0).Refusal}.");
        return ExitCode.Failed;
    }
}
