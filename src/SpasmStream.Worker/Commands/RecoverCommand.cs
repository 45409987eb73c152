using System.CommandLine;
using Dapper;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What was saved, and where it is.</summary>
/// <param name="Folder">A store of its own.</param>
/// <param name="Salvage">What is in it, and what could not be read.</param>
/// <param name="Nameless">Samples whose series, and so whose wearer, could not be read.</param>
sealed record RecoverReport(string Folder, SalvageReport Salvage, long Nameless);

/// <summary>
/// <c>spasmstream recover</c>: the readable rows of a damaged file, into a store of their own.
/// </summary>
static class RecoverCommand
{
    public static Command Build()
    {
        var damaged = new Argument<FileInfo>("file")
        {
            Description = "A damaged store, such as *.corrupt-*.",
        };
        var into = new Option<DirectoryInfo?>("--into")
        {
            Description = "An empty or new folder; the default is FILE-recovered.",
        };
        var json = CommandLine.JsonOption();
        var command = new Verb("recover", "Save what can still be read of a damaged store.",
            "spasmstream recover data/spasmstream.db.corrupt-20260308T061200Z")
        {
            damaged, into, json,
        };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(damaged)!.FullName, parsed.GetValue(into)?.FullName, parsed.GetValue(json))));
        return command;
    }

    public static async Task<int> RunAsync(string damaged, string? into, bool json)
    {
        if (!File.Exists(damaged))
            return CommandLine.Misused($"There is no file {damaged}.");
        var folder = into ?? damaged + "-recovered";
        if (File.Exists(folder)
            || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            return CommandLine.Misused($"{folder} is not an empty folder; name another with --into.");
        StoreFile.PrepareDirectory(folder);
        using var instance = InstanceLock.Take(folder);
        var report = await SaveAsync(damaged, folder);
        Answer.Print(json, report, Show);
        return ExitCode.Clean;
    }

    public static async Task<RecoverReport> SaveAsync(string damaged, string folder)
    {
        using var pages = new PageFile(damaged);
        using var target = StoreFile.WithoutPayloads(folder).OpenWriter();
        using var salvage = new Salvage(pages, target);
        // What InfluxDB has been told is not known any more: it is told everything once more.
        ForwardTarget.Forget(target);
        var saved = await ProgressBar.RunAsync("reading", pages.Count,
            done => Task.FromResult(salvage.Run(done)));
        if (target.ExecuteScalar<string>("PRAGMA quick_check(1)") is not "ok" and var fault)
            throw new InvalidDataException($"The new store {folder} is not sound: {fault}.");
        return new RecoverReport(folder, saved, target.ExecuteScalar<long>(
            "SELECT count(*) FROM sample WHERE series NOT IN (SELECT id FROM series)"));
    }

    static void Show(RecoverReport report)
    {
        foreach (var table in report.Salvage.Tables.Where(table => table.Rows + table.Refused > 0))
            Console.WriteLine($"{table.Rows,10}  {table.Table}"
                + (table.Refused > 0 ? $" ({table.Refused} records were not such rows)" : ""));
        Console.WriteLine($"{report.Salvage.UnreadablePages} of {report.Salvage.Pages} pages and "
            + $"{report.Salvage.UnreadableRows} rows on other pages could not be read; "
            + $"{report.Nameless} samples belong to nobody who could be read.");
        Console.WriteLine($"Saved in {report.Folder}, a store of its own. To bring it into another one, "
            + "export its messages with Store:Directory set to it, and import them there.");
    }
}
