using System.CommandLine;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What a change of the key did.</summary>
/// <param name="KeyFile">What Store:KeyFile is to name from now on; null for nothing.</param>
/// <param name="Payloads">How many payloads were turned this time.</param>
/// <param name="AsBefore">Files of the store's folder that still are as they were.</param>
sealed record KeyReport(string? KeyFile, long Payloads, IReadOnlyList<string> AsBefore);

/// <summary>
/// <c>spasmstream rotate-key</c>: another key for the payloads, a first one, or none any more, while the
/// worker is stopped.
/// </summary>
static class RotateKeyCommand
{
    public static Command Build()
    {
        var keyFile = new Option<FileInfo?>("--new-key-file")
        {
            Description = "The file with the new key, outside the store's folder; made when it is not there.",
        };
        var remove = new Option<bool>("--remove") { Description = "Turn the payloads back to clear." };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("rotate-key", "Encrypt the payloads with a new key.",
            "spasmstream rotate-key --new-key-file payload-key-2")
        {
            keyFile, remove, config, json,
        };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(keyFile)?.FullName, parsed.GetValue(remove), parsed.GetValue(json),
            Settings.Load(parsed.GetValue(config)).Settings, TimeProvider.System, token)));
        return command;
    }

    public static async Task<int> RunAsync(string? keyFile, bool remove, bool json, Settings settings,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (keyFile is null != remove)
            return CommandLine.Misused("Say either --new-key-file FILE or --remove.");
        var directory = settings.Store.Directory;
        var from = settings.Store.KeyFile is { Length: > 0 } present ? PayloadKey.Read(present) : null;
        var file = StoreFile.WithoutPayloads(directory);
        using var store = StoppedStore.Open(settings, mustExist: true, file);
        var to = keyFile is null ? null
            : File.Exists(keyFile) ? PayloadKey.Read(keyFile) : await MakeAsync(store, keyFile);
        var rotation = new KeyRotation(store.Writer, from, to);
        var turned = 0L;
        if (await rotation.BeginAsync())
        {
            turned = await ProgressBar.RunAsync("turning payloads",
                await KeyRotation.CountAsync(store.Writer),
                done => rotation.RunAsync(done, cancellationToken));
            // The payloads are turned; now what they were goes from free pages and the log. Only then is the
            // change done: stopped before, it is done again.
            store.CloseFile();
            file.Rewrite();
            RefuseLeftLog(file);
            KeyRotation.Finish(file);
            new SecurityLog(directory).Append(new SecurityEvent(
                Instant.FromDateTimeOffset(time.GetUtcNow()), "operator", "rotate-key", null,
                remove ? "removed" : null));
        }

        Answer.Print(json, new KeyReport(keyFile, turned, AsBefore(file)), Show);
        return ExitCode.Clean;
    }

    // A key that nothing will be turned to would only be mistaken for one.
    static async Task<PayloadKey> MakeAsync(StoppedStore store, string keyFile)
    {
        if (await store.Writer.RunAsync(session => PayloadCipher.KeysIn(session.Connection).Next is not null,
            CancellationToken.None))
            throw new SetupException($"There is no {keyFile}, and another change of the key was begun: run "
                + "rotate-key with the options it had then.");
        return PayloadKey.Make(keyFile);
    }

    // Whoever still reads keeps the old pages in the file.
    static void RefuseLeftLog(StoreFile file)
    {
        if (new FileInfo(file.Path + "-wal") is { Exists: true, Length: > 0 })
            throw new SetupException("Another command reads the store, so what the payloads were cannot be "
                + "removed yet: end it, then run rotate-key again, as before.");
    }

    static List<string> AsBefore(StoreFile file) =>
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(file.Path))!,
                Path.GetFileName(file.Path) + "*")
            .Select(path => Path.GetFileName(path)!)
            .Except(file.Parts.Select(path => Path.GetFileName(path)!)).Order(StringComparer.Ordinal)];

    static void Show(KeyReport report)
    {
        Console.WriteLine(report.KeyFile is null
            ? $"{report.Payloads} payloads were turned back to clear. Take Store:KeyFile out of the settings."
            : $"{report.Payloads} payloads were encrypted. Set Store:KeyFile to {report.KeyFile} before the "
                + "next start, and keep a copy of it elsewhere: without it they are lost.");
        if (report.AsBefore.Count > 0)
            Console.WriteLine($"As they were before: {string.Join(", ", report.AsBefore)}.");
        Console.WriteLine("Backups are as they were before; to use one, set the key it was taken with.");
    }
}
