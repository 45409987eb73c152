using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Commands;

/// <summary>Writes the history of all wearers as one interchange file, in order of receipt.</summary>
static class HistoryFile
{
    public static int Write(IReadOnlyList<SimulatedWearer> wearers, string file, bool isJson)
    {
        var started = TimeProvider.System.GetTimestamp();
        List<WearerCount> counts =
            [.. wearers.Select(wearer => WearerCount.Of(wearer.Options))];
        using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16))
        {
            var writer = new NdjsonWriter(stream);
            foreach (var (source, message) in NdjsonWriter.Merge(
                         [.. wearers.Select(wearer => wearer.Messages())]))
            {
                writer.Write(message);
                counts[source].Count(new(message, null));
            }
        }
        return RunSummary.Print(counts, TimeProvider.System.GetElapsedTime(started), isJson);
    }
}
