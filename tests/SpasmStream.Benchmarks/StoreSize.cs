using System.Diagnostics;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Benchmarks;

/// <summary>
/// A store of so many samples of one wearer and as many of another, and what the verbs that go through all of
/// it take: <c>--scenario store-size N</c>.
/// </summary>
static class StoreSize
{
    const int SeriesCount = 4;
    const int SamplesPerMessage = 60;
    static readonly Instant Start = Instant.FromUtc(2026, 1, 1, 0, 0);

    public static async Task<int> RunAsync(long samples)
    {
        var folder = Directory.CreateTempSubdirectory("spasmstream-size-").FullName;
        try
        {
            var settings = new Settings();
            settings.Store.Directory = Path.Combine(folder, "data");
            var file = new StoreFile(settings.Store.Directory);
            await MeasureAsync("build", () => BuildAsync(settings, file, samples));
            Console.WriteLine($"{samples} samples of ada, {samples} of ben, "
                + $"{new FileInfo(file.Path).Length >> 20} MiB");
            await MeasureAsync("quick_check", () => Task.FromResult(file.Faults(quick: true).Count));
            await MeasureAsync("export messages", () => Task.FromResult(Export(file, folder)));
            await MeasureAsync("export --to", async () =>
            {
                var target = Path.Combine(folder, "everything");
                Directory.CreateDirectory(target);
                var manifest = await new WearerExport(settings, file, TimeProvider.System)
                    .WriteAsync(new WearerId("ada"), target, ExportFormat.Both);
                return manifest.Files.Sum(written => written.Rows ?? 0);
            });
            await MeasureAsync("backup", () => BackupCommand.RunAsync(Path.Combine(folder, "copy"),
                force: false, json: false, settings, TimeProvider.System));
            await MeasureAsync("recover", async () =>
                (await RecoverCommand.SaveAsync(file.Path, Path.Combine(folder, "saved"))).Salvage.Pages);
            var erasure = new WearerErasure(settings, TimeProvider.System, broker: null);
            await MeasureAsync("erase", async () => (await erasure
                .RunAsync(new WearerId("ada"), CancellationToken.None)).Parts.Sum(part => part.Rows));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<long> BuildAsync(Settings settings, StoreFile file, long samples)
    {
        using var writer = new StoreWriter(file, settings.Store, TimeProvider.System);
        var series = Enumerable.Range(0, SeriesCount)
            .Select(i => new Series($"strap{i}", Signal.HeartRate, Stat.Raw, "")).ToArray();
        var (wearers, made) = (new[] { new WearerId("ada"), new WearerId("ben") }, 0L);
        while (made < samples)
        {
            var from = made;
            made = Math.Min(samples, made + (200 * SamplesPerMessage));
            await writer.RunAsync(session =>
            {
                foreach (var wearer in wearers)
                    for (var i = from; i < made; i++)
                        Put(session, wearer, series[i / SamplesPerMessage % SeriesCount], i);
                return true;
            }, CancellationToken.None);
        }

        return made;
    }

    static void Put(WriteSession session, WearerId wearer, Series series, long i)
    {
        var message = i / SamplesPerMessage;
        var received = Start + Duration.FromMinutes(message + 1);
        var number = session.Names.Series(session.Names.Wearer(wearer, received), series);
        session.Samples.Put(number, new Sample
        {
            Series = series,
            Start = Start + Duration.FromSeconds(i),
            Value = 50 + (i % 90),
            Received = received,
        });
    }

    static long Export(StoreFile file, string folder)
    {
        using var stream = File.Create(Path.Combine(folder, "messages.ndjson"));
        return NdjsonFile.Write(stream, ExportedMessages.Of(file, [new WearerId("ada")]));
    }

    /// <summary>Seconds, and how far the resident memory rose above where it stood before.</summary>
    static async Task MeasureAsync<T>(string what, Func<Task<T>> work)
    {
        GC.Collect();
        using var stop = new CancellationTokenSource();
        var before = Resident();
        var most = before;
        var watching = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (!stop.IsCancellationRequested)
            {
                most = Math.Max(most, Resident());
                await timer.WaitForNextTickAsync();
            }
        });
        var began = Stopwatch.GetTimestamp();
        var result = await work();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        await watching;
        Console.WriteLine($"{what,-16} {seconds,8:0.00} s  {before >> 20,5} MiB "
            + $"+ {(most - before) >> 20,4} MiB  -> {result}");
    }

    static long Resident() => Environment.WorkingSet;
}
