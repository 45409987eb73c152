using System.Diagnostics;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Benchmarks;

/// <summary>
/// What it costs to journal what is to be forwarded, and to take it out again, in processor time: other
/// programs may be busy meanwhile. Run it with <c>--scenario forward 300000</c>.
/// </summary>
static class ForwardScenario
{
    const int SeriesCount = 200;
    const int Rounds = 7;

    static readonly Instant Start = Instant.FromUtc(2026, 3, 7, 22, 0);

    public static async Task RunAsync(int samples)
    {
        foreach (var (perMessage, perCommit) in ((int, int)[])[(1, 500), (1, 4_000), (60, 100), (60, 500)])
        {
            var (off, on, taken) = (new List<double>(), new List<double>(), new List<double>());
            var bytes = 0.0;
            for (var round = 0; round < Rounds; round++)
            {
                off.Add((await OnceAsync(samples, perMessage, perCommit, null)).Append);
                var once = await OnceAsync(samples, perMessage, perCommit, "bench");
                on.Add(once.Append);
                taken.Add(once.Take);
                bytes = once.Bytes;
            }

            var (without, with) = (Median(off), Median(on));
            Console.WriteLine($"{perMessage,2} a message, {perCommit,4} messages a commit: {without:0.00} us "
                + $"a sample without, {with:0.00} with ({100 * (with - without) / without:+0;-0} %), "
                + $"{bytes:0.0} bytes waiting, {Median(taken):0.00} us to take and mark.");
        }
    }

    static async Task<(double Append, double Take, double Bytes)> OnceAsync(
        int samples, int perMessage, int perCommit, string? target)
    {
        var folder = Directory.CreateTempSubdirectory("spasmstream-forward-");
        try
        {
            var file = new StoreFile(folder.FullName);
            using var writer = new StoreWriter(
                file, new StoreOptions { ForwardTarget = target }, TimeProvider.System);
            using var queue = new ForwardQueue(file, writer, (_, _) => null, (_, _) => default);
            var journal = new SqliteJournal(writer, queue);
            var batches = Messages(samples, perMessage).Chunk(perCommit).ToList();
            // The walk over what was here before is not what is measured.
            while (await queue.TakeAsync(1, default) is { } empty)
                await queue.ForwardedAsync(empty, [], default);
            var before = Spent();
            foreach (var batch in batches)
                await journal.AppendAsync(batch, default, default);
            var append = Spent() - before;
            var waits = ForwardBacklog.Measure(file, 0)!.Value.Bytes;
            before = Spent();
            while (await queue.TakeAsync(5_000, default) is { } taken)
                await queue.ForwardedAsync(taken, [], default);
            return (append / samples, (Spent() - before) / samples, waits / (double)samples);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static double Spent()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalMicroseconds;
    }

    static double Median(List<double> all) => all.Order().ElementAt(all.Count / 2);

    // Every series in turn, as live data comes.
    static IEnumerable<Arrival> Messages(int samples, int perMessage)
    {
        var wearers = Enumerable.Range(0, SeriesCount).Select(i => new WearerId($"w{i}")).ToList();
        var series = wearers.ConvertAll(_ => new Series("strap", Signal.HeartRate, Stat.Raw, "bench"));
        for (var message = 0; message < samples / perMessage; message++)
        {
            var (whose, first) = (message % SeriesCount, message / SeriesCount * perMessage);
            var received = Start + Duration.FromSeconds(first + perMessage);
            yield return new Arrival(
                new Delivery { Topic = "", Payload = default, Received = received },
                new Decoded
                {
                    Wearer = wearers[whose],
                    Device = "strap",
                    Samples = [.. Enumerable.Range(first, perMessage).Select(second => new Sample
                    {
                        Series = series[whose],
                        Start = Start + Duration.FromSeconds(second) + Duration.FromMilliseconds(whose * 5),
                        Value = 60 + second % 40,
                        Received = received,
                    })],
                });
        }
    }
}
