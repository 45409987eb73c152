using System.CommandLine;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What a restore did.</summary>
/// <param name="Files">What was put in place.</param>
/// <param name="Aside">What was there before, under its new name.</param>
/// <param name="ErasedAgain">How many wearers were erased again, who had been erased since.</param>
/// <param name="AccountsKept">
/// How many accounts stay revoked, or keep the password they had; null when that could not be told.
/// </param>
/// <param name="NotErased">What is left of wearers who were erased again: places and files.</param>
sealed record RestoreReport(IReadOnlyList<string> Files, IReadOnlyList<string> Aside, int ErasedAgain,
    int? AccountsKept, IReadOnlyList<string> NotErased);

/// <summary><c>spasmstream restore</c>: a backup back in its place, while the worker is stopped.</summary>
static class RestoreCommand
{
    public static Command Build()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "What backup wrote." };
        var force = new Option<bool>("--force") { Description = "Also where a store is; it is moved aside." };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("restore", "Put a backup in the place of the store.",
            "spasmstream restore backup-2026-03-08 --force")
        {
            folder, force, config, json,
        };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(folder)!.FullName, parsed.GetValue(force), parsed.GetValue(json),
            Settings.Load(parsed.GetValue(config)).Settings, TimeProvider.System, token)));
        return command;
    }

    public static async Task<int> RunAsync(string folder, bool force, bool json, Settings settings,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var backup = new Backup(folder);
        if (backup.Manifest() is not { } manifest)
            return CommandLine.Misused($"{folder} is no backup: there is no manifest.json of ours in it.");
        var file = StoreFile.Of(settings.Store);
        if (File.Exists(file.Path) && !force)
            return CommandLine.Misused($"There is a store in {settings.Store.Directory}; say --force to move "
                + "it aside.");
        if (backup.Faults(manifest) is [var fault, ..])
        {
            await Console.Error.WriteLineAsync($"The backup {folder} is damaged: {fault} Use another one.");
            return ExitCode.Storage;
        }

        Instant at = Instant.FromDateTimeOffset(time.GetUtcNow());
        Restored done;
        var left = new List<string>();
        // No worker may begin before those are gone who were erased.
        using (var held = InstanceLock.Take(settings.Store.Directory))
        {
            done = new Restore(file, folder, at).Run(manifest);
            foreach (var wearer in done.ErasedSince)
                left.AddRange(Left(await new WearerErasure(settings, time, broker: null)
                    .RunAsync(wearer, cancellationToken, held)));
        }

        new SecurityLog(settings.Store.Directory).Append(
            new SecurityEvent(at, "operator", "restore", null, null));
        Answer.Print(json, new RestoreReport(done.Files, done.Aside, done.ErasedSince.Count,
            done.AccountsKept, left), Show);
        return left.Count == 0 && done.AccountsKept is not null ? ExitCode.Clean : ExitCode.Storage;
    }

    static IEnumerable<string> Left(ErasureReport report) => report.Parts
        .Where(part => part.State == "failed").Select(part => $"{part.Store}: {part.Note}")
        .Concat(report.LeftOver.Select(it => it.File)).Distinct();

    static void Show(RestoreReport report)
    {
        Console.WriteLine($"Restored: {string.Join(", ", report.Files)}.");
        if (report.Aside.Count > 0)
            Console.WriteLine($"Moved aside: {string.Join(", ", report.Aside)}.");
        if (report.ErasedAgain > 0)
            Console.WriteLine($"{report.ErasedAgain} wearers had been erased since, and were erased again. "
                + "What was moved aside still holds what it held.");
        foreach (var place in report.NotErased)
            Console.WriteLine($"Not erased: {place}. Remove it, then erase again.");
        if (report.AccountsKept is null)
            Console.WriteLine("The accounts that were there cannot be read: whoever was revoked since the "
                + "backup may log in again. Look with: spasmstream devices list.");
        if (report.AccountsKept > 0)
            Console.WriteLine($"{report.AccountsKept} accounts stay as they were before: revoked, or with "
                + "their newer password.");
    }
}
