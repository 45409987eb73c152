using System.CommandLine;
using System.Text.Json;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream import</c>: files into the store, while the worker is stopped.</summary>
static class ImportCommand
{
    const int BatchMessages = 500;

    public static Command Build()
    {
        var path = new Argument<string>("path")
        {
            Description =
                "Interchange NDJSON, or the folder of an Oura diary export (tags.csv, workouts.csv).",
        };
        var wearer = new Option<string?>("--wearer") { Description = "Whose an Oura export is." };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Command("import", "Read a file into the store and assess what it says.")
            { path, wearer, config, json };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(parsed.GetValue(path)!,
            parsed.GetValue(wearer), parsed.GetValue(config), parsed.GetValue(json), token)));
        return command;
    }

    static async Task<int> RunAsync(string path, string? wearer, string? config, bool json,
        CancellationToken cancellationToken)
    {
        var (settings, _) = Settings.Load(config);
        var badLines = 0;
        void Bad(int line, string fault)
        {
            if (badLines++ < 20)
                Console.Error.WriteLine($"{path} line {line}: {fault}.");
        }

        var deliveries = Directory.Exists(path) ? OuraDiary.Read(path, wearer, Bad)
            : File.Exists(path) ? NdjsonFile.Read(path, Bad)
            : throw new SetupException($"There is neither a file nor a folder {path}.");
        using var instance = InstanceLock.Take(settings.Store.Directory);
        var file = new StoreFile(settings.Store.Directory);
        using var writer = new StoreWriter(file, settings.Store, TimeProvider.System);
        var directory = new WearerDirectory(settings.ListedWearers(), admitsStrangers: true);
        var (messages, dead) = await AppendAsync(deliveries, writer, directory, cancellationToken);
        await AssessAsync(file, writer, directory, settings.Notify.ToChannels(), cancellationToken);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(new { messages, dead, bad_lines = badLines })
            : $"{messages} messages imported, {dead} of them refused, {badLines} bad lines.");
        return badLines == 0 ? ExitCode.Clean : ExitCode.Usage;
    }

    static async Task<(long Messages, long Dead)> AppendAsync(
        IEnumerable<Delivery> deliveries, StoreWriter writer,
        WearerDirectory directory, CancellationToken cancellationToken)
    {
        var decoder = new WireDecoder();
        var (messages, dead) = (0L, 0L);
        foreach (var chunk in deliveries.Chunk(BatchMessages))
        {
            var arrivals = chunk.Select(delivery => Arrival.Of(delivery, Read(delivery), directory)).ToList();
            var outcomes = await writer.RunAsync(
                session => Appending.Run(session, arrivals), cancellationToken);
            messages += outcomes.Length;
            dead += outcomes.Count(outcome => outcome.Reason is not null);
        }

        return (messages, dead);

        Decoded Read(Delivery delivery) => decoder.Decode(
            delivery.Topic, delivery.Payload, delivery.Received, DecodeLimits.AnyTime);
    }

    // Files tell their own time: forecasts made over them are marked as replayed.
    static async Task AssessAsync(StoreFile file, StoreWriter writer, WearerDirectory directory,
        IReadOnlyList<OutChannel> channels, CancellationToken cancellationToken)
    {
        using var history = new SqliteHistory(file, writer, channels);
        foreach (var wearer in WearerRecord.Names(file))
        {
            var tracked = new TrackedWearer(wearer, directory.ProfileOf(wearer), history,
                EntryReading.With(new WireDecoder()));
            tracked.Restore(WearerRecord.Load(file, wearer));
            if (WearerRecord.LastReceipt(file, wearer) is { } last)
                await tracked.AdvanceAsync(
                    last - TrackedWearer.ReplayHold, replayed: true, cancellationToken);
        }
    }
}
