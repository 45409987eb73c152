using System.CommandLine;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream export</c>: everything that crossed MQTT for a wearer, and the ledger.</summary>
static class ExportCommand
{
    public static Command Build()
    {
        var output = new Option<FileInfo?>("--out")
        {
            Description = "Write the messages as interchange NDJSON here.",
        };
        var forecasts = new Option<FileInfo?>("--forecasts")
        {
            Description = "Write the ledger as CSV here.",
        };
        var wearer = new Option<string?>("--wearer") { Description = "Only this wearer; all when left out." };
        var config = CommandLine.ConfigOption();
        var command = new Verb("export", "Write what the store holds to files.",
            "spasmstream export --out messages.ndjson --wearer anna")
        {
            output, forecasts, wearer, config,
        };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(Run(
            parsed.GetValue(output), parsed.GetValue(forecasts), parsed.GetValue(wearer),
            parsed.GetValue(config)))));
        return command;
    }

    static int Run(FileInfo? output, FileInfo? forecasts, string? only, string? config)
    {
        var (settings, _) = Settings.Load(config);
        var file = new StoreFile(settings.Store.Directory);
        if (!File.Exists(file.Path))
            throw new SetupException($"There is no store in {settings.Store.Directory}.");
        var wearers = WearerRecord.Names(file).Where(w => only is null || w.ToString() == only).ToList();
        if (output is not null)
        {
            using var stream = output.Create();
            foreach (var (topic, received, payload) in ExportedMessages.Of(file, wearers))
                NdjsonFile.Write(stream, topic, received, payload);
        }

        if (forecasts is not null)
            ForecastCsv.Write(forecasts.FullName, Ledger(file, wearers,
                new WearerDirectory(settings.Wearers, admitsStrangers: true)));
        return ExitCode.Clean;
    }

    static List<JudgedForecast> Ledger(StoreFile file, List<WearerId> wearers, WearerDirectory directory)
    {
        var judged = new List<JudgedForecast>();
        using var history = new SqliteHistory(file, null);
        foreach (var wearer in wearers)
        {
            var tracked = new TrackedWearer(wearer, directory.ProfileOf(wearer), history,
                EntryReading.With(new WireDecoder()));
            tracked.Restore(WearerRecord.Load(file, wearer));
            tracked.LearnAll();
            using var reader = file.OpenReader();
            foreach (var row in ForecastRow.Load(reader, WearerRecord.IdOf(reader, wearer)!.Value))
            {
                var forecast = row.ToForecast();
                judged.Add(new JudgedForecast(wearer, forecast, row.Origin, tracked.Label(forecast)));
            }
        }

        return judged;
    }
}
