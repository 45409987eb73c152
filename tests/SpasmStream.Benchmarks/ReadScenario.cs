using System.Diagnostics;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Benchmarks;

/// <summary>
/// How long the samples of one wearer take to read out of a file of many, as a fold asks for them. Run it
/// <c>--scenario read 200</c>: that many wearers, a sample a second each, six hours.
/// </summary>
static class ReadScenario
{
    const int Hours = 6;

    public static async Task RunAsync(int wearers)
    {
        var folder = Directory.CreateTempSubdirectory("spasmstream-read-");
        try
        {
            var file = new StoreFile(folder.FullName);
            using var writer = new StoreWriter(
                file, new StoreOptions { Directory = folder.FullName }, TimeProvider.System);
            var start = Instant.FromUtc(2026, 3, 7, 22, 0);
            await RetentionScenario.FillAsync(writer, start, wearers * Hours * 3600, wearers);
            using var history = new SqliteHistory(file, writer);
            foreach (var hours in (int[])[1, Hours])
                for (var time = 0; time < 3; time++)
                {
                    var began = Stopwatch.GetTimestamp();
                    var samples = history.Samples(new WearerId($"w{time}"),
                        start, start + Duration.FromHours(hours), start + Duration.FromDays(1));
                    Console.WriteLine($"{wearers} wearers, {hours} h: {samples.Count} samples in "
                        + $"{Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.0} ms.");
                }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
