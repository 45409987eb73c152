using System.CommandLine;
using Dapper;
using NodaTime;
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
        var folder = new Option<DirectoryInfo?>("--to")
        {
            Description = "Write everything that is kept of one wearer into this folder, empty or new.",
        };
        var format = new Option<ExportFormat>("--format")
        {
            Description = "How tables are written into the folder: json, csv or both.",
            DefaultValueFactory = _ => ExportFormat.Both,
        };
        var force = new Option<bool>("--force") { Description = "Write over files that are there." };
        var wearer = new Option<string?>("--wearer") { Description = "Only this wearer; all when left out." };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("export", "Write what the store holds to files.",
            "spasmstream export --wearer anna --to anna-2026")
        {
            output, forecasts, folder, format, wearer, force, config, json,
        };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => RunAsync(new ExportWish(
            parsed.GetValue(output), parsed.GetValue(forecasts), parsed.GetValue(folder),
            parsed.GetValue(format), parsed.GetValue(wearer), parsed.GetValue(json), parsed.GetValue(force)),
            Settings.Load(parsed.GetValue(config)).Settings, TimeProvider.System)));
        return command;
    }

    public static async Task<int> RunAsync(ExportWish wish, Settings settings, TimeProvider time)
    {
        if (Fault(wish) is { } fault)
            return CommandLine.Misused(fault);
        var file = StoreFile.Of(settings.Store);
        if (!File.Exists(file.Path))
            throw new SetupException($"There is no store in {settings.Store.Directory}.");
        var wearers = WearerRecord.Names(file)
            .Where(w => wish.Wearer is null || w.ToString() == wish.Wearer).ToList();
        if (wish.Wearer is not null && wearers.Count == 0)
            return CommandLine.Misused($"The store knows no wearer {wish.Wearer}.");
        var files = WriteFiles(wish, settings, file, wearers);
        if (wish.To is { } folder)
        {
            StoreFile.PrepareDirectory(folder.FullName);
            var manifest = await new WearerExport(settings, file, time)
                .WriteAsync(wearers[0], folder.FullName, wish.Format);
            Answer.Print(wish.Json, manifest, Show);
        }
        else
        {
            Answer.Print(wish.Json, new { Files = files }, it => Console.WriteLine(string.Join("; ",
                it.Files.Select(one => $"{one.Rows} {one.Holds} in {one.Path}")) + "."));
        }

        Remember(settings, file, wish, time);
        return ExitCode.Clean;
    }

    static string? Fault(ExportWish wish)
    {
        if (wish is { To: null, Messages: null, Forecasts: null })
            return "Say what to write: --wearer NAME --to FOLDER, or --out FILE, or --forecasts FILE.";
        if (wish.To is not null && wish.Wearer is null)
            return "--to takes the data of one wearer; name them with --wearer.";
        if (wish.To is { } to && (File.Exists(to.FullName)
            || to.Exists && to.EnumerateFileSystemInfos().Any()))
            return $"{to.FullName} is not an empty folder; name an empty or a new one.";
        FileInfo?[] files = [wish.Messages, wish.Forecasts];
        return !wish.Force && Array.Find(files, it => it?.Exists == true) is { } there
            ? $"{there.FullName} is there already; name another, or say --force." : null;
    }

    static List<ExportedFile> WriteFiles(
        ExportWish wish, Settings settings, StoreFile file, List<WearerId> wearers)
    {
        var files = new List<ExportedFile>();
        if (wish.Messages is { } messages)
        {
            using var stream = messages.Create();
            files.Add(new ExportedFile(messages.FullName, "messages",
                NdjsonFile.Write(stream, ExportedMessages.Of(file, wearers))));
        }

        if (wish.Forecasts is { } forecasts)
        {
            var ledger = Ledger(file, wearers,
                new WearerDirectory(settings.ListedWearers(), admitsStrangers: true));
            ForecastCsv.Write(forecasts.FullName, ledger);
            files.Add(new ExportedFile(forecasts.FullName, "forecasts", ledger.Count));
        }

        return files;
    }

    static void Show(ExportManifest manifest)
    {
        foreach (var written in manifest.Files)
            Console.WriteLine($"{written.Rows,10}  {written.Name}");
        Console.WriteLine($"Everything that is kept of {manifest.Wearer}, {manifest.Files.Count} files; "
            + "manifest.json has their hashes.");
    }

    static void Remember(Settings settings, StoreFile file, ExportWish wish, TimeProvider time)
    {
        using var reader = file.OpenReader();
        var pseudonym = reader.ExecuteScalar<string?>(
            "SELECT pseudonym FROM wearer WHERE name=@name", new { name = wish.Wearer });
        new SecurityLog(settings.Store.Directory).Append(new SecurityEvent(
            Instant.FromDateTimeOffset(time.GetUtcNow()), "operator", "export", pseudonym,
            wish.To is not null ? "everything" : "messages"));
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

/// <summary>What is to be exported, and where to.</summary>
sealed record ExportWish(FileInfo? Messages, FileInfo? Forecasts, DirectoryInfo? To, ExportFormat Format,
    string? Wearer, bool Json, bool Force = false);

/// <summary>One file that was written, what it holds, and how much.</summary>
sealed record ExportedFile(string Path, string Holds, long Rows);
