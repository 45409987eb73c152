using System.CommandLine;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream import</c>: files into the store, while the worker is stopped.</summary>
static class ImportCommand
{
    const int BadLinesShown = 20;

    public static Command Build()
    {
        var path = new Argument<string>("path")
        {
            Description =
                "Interchange NDJSON, or the folder of an Oura diary export (tags.csv, workouts.csv).",
        };
        var wearer = new Option<string?>("--wearer") { Description = "Whose an Oura export is." };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Read and count everything, write nothing; a worker may run meanwhile.",
        };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("import", "Read a file into the store and assess what it says.",
            "spasmstream import history.ndjson --dry-run")
            { path, wearer, dryRun, config, json };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(new ImportWish(
            parsed.GetValue(path)!, parsed.GetValue(wearer), parsed.GetValue(dryRun),
            parsed.GetValue(config), parsed.GetValue(json)), token)));
        return command;
    }

    static async Task<int> RunAsync(ImportWish wish, CancellationToken cancellationToken)
    {
        var (settings, _) = Settings.Load(wish.Config);
        var source = Source(wish.Path);
        using var interrupt = new Interrupt(cancellationToken);
        using var store = wish.DryRun ? null : StoppedStore.Open(settings, mustExist: false);
        var directory = new WearerDirectory(settings.ListedWearers(), admitsStrangers: true);
        var import = new Import(store?.Writer, directory, TimeProvider.System);
        var tally = import.Tally;
        await ProgressBar.RunAsync($"reading {Path.GetFileName(wish.Path)}", source.Bytes, async done =>
        {
            await import.RunAsync(source.Read(wish.Wearer, Bad, done), interrupt.Token);
            return true;
        });
        if (store is not null && !tally.Stopped)
            await AssessAsync(
                store, directory, tally, settings.Notify.ToChannels(), interrupt.Token);
        Answer.Print(wish.Json, tally, Print);
        return tally.Stopped ? ExitCode.Interrupted : tally.BadLines == 0 ? ExitCode.Clean : ExitCode.Usage;

        void Bad(int line, string fault)
        {
            if (tally.BadLines++ < BadLinesShown)
                Console.Error.WriteLine($"{wish.Path} line {line}: {fault}.");
        }
    }

    static ImportSource Source(string path) =>
        Directory.Exists(path) ? new ImportSource(null, (wearer, bad, _) => OuraDiary.Read(path, wearer, bad))
        : File.Exists(path) ? new ImportSource(new FileInfo(path).Length,
            (_, bad, done) => NdjsonFile.Read(path, bad, done))
        : throw new SetupException($"There is neither a file nor a folder {path}.");

    // Files tell their own time: forecasts made over them are marked as replayed.
    static async Task AssessAsync(
        StoppedStore store, WearerDirectory directory, ImportTally tally,
        IReadOnlyList<OutChannel> channels, CancellationToken cancellationToken)
    {
        var wearers = WearerRecord.Names(store.File);
        using var history = new SqliteHistory(store.File, store.Writer, channels);
        try
        {
            await ProgressBar.RunAsync("assessing", wearers.Count, async done =>
            {
                foreach (var wearer in wearers)
                {
                    var tracked = new TrackedWearer(wearer, directory.ProfileOf(wearer), history,
                        EntryReading.With(new WireDecoder()));
                    tracked.Restore(WearerRecord.Load(store.File, wearer));
                    if (WearerRecord.LastReceipt(store.File, wearer) is { } last)
                        await tracked.AdvanceAsync(
                            last - TrackedWearer.ReplayHold, replayed: true, cancellationToken);
                    done(1);
                }

                return true;
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was not assessed is still marked in the file, and is taken up by the next start.
            tally.Stopped = true;
        }
    }

    static void Print(ImportTally tally)
    {
        Console.WriteLine(tally.Stopped
            ? "Stopped. What is told here is in the store, each message whole; import the file again for the "
                + "rest: what is there already changes nothing."
            : tally.DryRun ? "Nothing was written." : "Imported.");
        Console.WriteLine(
            $"{tally.Messages} messages, {tally.Dead} of them refused, {tally.BadLines} bad lines; "
            + $"{tally.Samples} samples, {tally.Entries} entries; {tally.Seconds:0.0} s.");
        foreach (var (kind, counts) in tally.Kinds)
            Console.WriteLine($"  {kind,-12} {counts.Messages,10} messages {counts.Samples,12} samples "
                + $"{counts.Entries,10} entries");
        foreach (var (reason, count) in tally.Reasons)
            Console.WriteLine($"  refused: {reason,-24} {count,10}");
    }

    sealed record ImportWish(string Path, string? Wearer, bool DryRun, string? Config, bool Json);

    /// <summary>Where messages come from; how many bytes there are when somebody knows.</summary>
    sealed record ImportSource(
        long? Bytes, Func<string?, Action<int, string>, Action<long>, IEnumerable<Delivery>> Read);
}
