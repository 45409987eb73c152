using System.Diagnostics;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Benchmarks;

/// <summary>
/// Thins a file of many samples while others commit: how long slices take, and how long a commit waits
/// (S28). Run it with <c>--scenario retention 10000000</c>.
/// </summary>
static class RetentionScenario
{
    const int Wearers = 100;
    const int SamplesPerMessage = 60;

    public static async Task RunAsync(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("spasmstream-retention-");
        try
        {
            var options = new StoreOptions { Directory = folder.FullName };
            var file = new StoreFile(folder.FullName);
            using var writer = new StoreWriter(file, options, TimeProvider.System);
            var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
            await FillAsync(writer, now - Duration.FromDays(options.RawDays + 31), rows);
            Console.WriteLine($"{rows} rows, {new FileInfo(file.Path).Length >> 20} MiB.");

            Report("Commits of 60 samples before", await CommitAsync(writer, now, Task.Delay(10_000)));
            var slices = new List<SliceTime>();
            var checkpoints = new List<TimeSpan>();
            writer.Checkpoints.Watch = checkpoints.Add;
            var run = await writer.RunAsync(session => Retention.Begin(session, options, now), default);
            var clock = Stopwatch.StartNew();
            var walk = run.WalkAsync(writer, TimeProvider.System, default, slices.Add);
            var waits = await CommitAsync(writer, now + Duration.FromHours(1), walk);
            Console.WriteLine($"{await walk} rows removed in {slices.Count} slices, {clock.Elapsed}.");
            Report("Slices, commit included", slices.ConvertAll(slice => slice.Whole));
            Report("Slices, their own work", slices.ConvertAll(slice => slice.Work));
            Report("Checkpoints", [.. checkpoints]);
            foreach (var slice in slices.OrderByDescending(slice => slice.Whole).Take(8))
                Console.WriteLine($"  slice {slices.IndexOf(slice)}, step {slice.Place.Step}, "
                    + $"{slice.Removed} rows: {slice.Whole.TotalMilliseconds:0} ms, "
                    + $"its own work {slice.Work.TotalMilliseconds:0} ms.");
            Report("Commits of 60 samples meanwhile", waits);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A sample a second of every wearer, message by message as live ones come.</summary>
    public static async Task FillAsync(StoreWriter writer, Instant start, int rows, int wearers = Wearers)
    {
        for (var message = 0L; message * SamplesPerMessage < rows;)
        {
            var batch = new List<Arrival>();
            for (; batch.Count < 200 && message * SamplesPerMessage < rows; message++)
                batch.Add(Message(message, start, wearers));
            await writer.RunAsync(session => Appending.Run(session, batch), default);
        }

        // As after their fold.
        await writer.RunAsync(session => session.Execute("DELETE FROM dirty"), default);
    }

    static async Task<List<TimeSpan>> CommitAsync(StoreWriter writer, Instant start, Task until)
    {
        var waits = new List<TimeSpan>();
        for (var message = 0L; !until.IsCompleted; message++)
        {
            List<Arrival> batch = [Message(message, start)];
            var began = Stopwatch.GetTimestamp();
            await writer.RunAsync(session => Appending.Run(session, batch), default);
            waits.Add(Stopwatch.GetElapsedTime(began));
            await Task.Delay(20);
        }

        return waits;
    }

    static Arrival Message(long message, Instant start, int wearers = Wearers)
    {
        var wearer = message % wearers;
        var at = start + Duration.FromMinutes(message / wearers);
        var samples = new Sample[SamplesPerMessage];
        var series = new Series("strap", Signal.HeartRate, Stat.Raw, "");
        for (var i = 0; i < samples.Length; i++)
            samples[i] = new Sample
            {
                Series = series,
                Start = at + Duration.FromSeconds(i),
                Value = 60 + i,
                Received = at + Duration.FromMinutes(1),
            };
        return new Arrival(
            new Delivery { Topic = "", Payload = default, Received = at + Duration.FromMinutes(1) },
            new Decoded { Wearer = new WearerId($"w{wearer}"), Device = "strap", Samples = samples });
    }

    static void Report(string what, List<TimeSpan> times)
    {
        times.Sort();
        double At(double share) => times[(int)((times.Count - 1) * share)].TotalMilliseconds;
        Console.WriteLine($"{what}: {times.Count}, p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, "
            + $"longest {At(1):0.0} ms.");
    }
}
