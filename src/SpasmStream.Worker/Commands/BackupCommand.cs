using System.CommandLine;
using System.Security.Cryptography;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream backup</c>: a copy of everything, beside a worker that runs.</summary>
static class BackupCommand
{
    public static Command Build()
    {
        var folder = new Option<DirectoryInfo>("--to") { Description = "A new folder.", Required = true };
        var force = new Option<bool>("--force") { Description = "Put it in the place of an older backup." };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("backup", "Copy the store and what belongs to it into a folder.",
            "spasmstream backup --to backup-2026-03-08")
        {
            folder, force, config, json,
        };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(folder)!.FullName, parsed.GetValue(force), parsed.GetValue(json),
            Settings.Load(parsed.GetValue(config)).Settings, TimeProvider.System)));
        return command;
    }

    public static async Task<int> RunAsync(
        string target, bool force, bool json, Settings settings, TimeProvider time)
    {
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var isThere = File.Exists(target) || Directory.Exists(target);
        if (isThere && !force)
            return CommandLine.Misused($"{target} is there already; name a new folder, or say --force.");
        if (isThere && new Backup(target).Manifest() is null)
            return CommandLine.Misused($"{target} is no backup, so --force does not replace it.");
        var file = StoreFile.Of(settings.Store);
        if (!File.Exists(file.Path))
            throw new SetupException($"There is no store in {settings.Store.Directory}.");
        var at = Instant.FromDateTimeOffset(time.GetUtcNow());
        StoreFile.PrepareDirectory(Path.GetDirectoryName(target)!);
        var fresh = $"{target}.partial-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            StoreFile.PrepareDirectory(fresh);
            var manifest = await ProgressBar.RunAsync("copying", null,
                _ => Task.Run(() => new Backup(fresh).Write(file, at)));
            Put(fresh, target);
            new SecurityLog(settings.Store.Directory).Append(
                new SecurityEvent(at, "operator", "backup", null, null));
            Answer.Print(json, manifest, it => Console.WriteLine(
                $"{it.Files.Count} files, {it.Files.Sum(written => written.Bytes)} bytes, checked, "
                + $"in {target}."));
            return ExitCode.Clean;
        }
        finally
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
        }
    }

    // The older one goes only after the new one is there.
    static void Put(string fresh, string target)
    {
        var old = fresh.Replace(".partial-", ".old-", StringComparison.Ordinal);
        var replaces = Directory.Exists(target);
        if (replaces)
            Directory.Move(target, old);
        Directory.Move(fresh, target);
        if (replaces)
            Directory.Delete(old, recursive: true);
    }
}
