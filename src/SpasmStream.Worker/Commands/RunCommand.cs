using System.CommandLine;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream run</c>: the worker.</summary>
static partial class RunCommand
{
    public static Command Build()
    {
        var config = CommandLine.ConfigOption();
        var command = new Verb("run", "Run the worker (the default).",
            "spasmstream run --config spasmstream.json") { config };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(async () =>
        {
            var (settings, configuration) = Settings.Load(parsed.GetValue(config));
            using var instance = InstanceLock.Take(settings.Store.Directory);
            foreach (var path in FileRights.Narrow(settings.Store.Directory))
                await Console.Error.WriteLineAsync(
                    $"Warning: others could read {path}; now only its owner can.");
            Trim(settings.Store.Directory);
            var inspection = new Inspection(
                settings.Store.Directory, TimeProvider.System, StoreFile.Of(settings.Store));
            var quarantined = Inspect(inspection);
            var code = await RunAsync(settings, configuration, quarantined);
            if (code == ExitCode.Clean)
                inspection.Leave();
            return code;
        }));
        return command;
    }

    // Without it a start loses nothing but space.
    static void Trim(string directory)
    {
        try
        {
            new SecurityLog(directory).Trim(Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Warning: old security events were not dropped: {fault.Message}");
        }
    }

    static Quarantined? Inspect(Inspection inspection)
    {
        try
        {
            return inspection.Run();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The store cannot be looked at: {fault.Message} "
                + "Give Store:Directory a folder this user may write to.");
        }
    }

    static async Task<int> RunAsync(
        Settings settings, IConfigurationRoot configuration, Quarantined? quarantined)
    {
        await using var app = WorkerHost.Build(settings, configuration);
        if (quarantined is not null)
            Log.Quarantined(app.Logger, quarantined.Fault, quarantined.Path);
        // Not RunAsync: it disposes what is asked next.
        try
        {
            await WorkerHost.StartWholeAsync(app, CancellationToken.None);
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it was starting, by a signal or by a loop that has failed already.
        }

        return ExitCodeOf(app);
    }

    /// <summary>
    /// The host ends cleanly even when one of its loops has failed; whoever restarts us must be told.
    /// </summary>
    public static int ExitCodeOf(WebApplication app)
    {
        var faults = app.Services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Select(loop => loop.ExecuteTask?.Exception?.GetBaseException())
            .OfType<Exception>()
            .ToList();
        foreach (var fault in faults)
            Console.Error.WriteLine($"A loop has failed, so the worker ended: {fault}");
        return faults.Count == 0 ? ExitCode.Clean
            : faults.Exists(IsStorage) ? ExitCode.Storage : ExitCode.Internal;
    }

    // A disk that fails or a file that is torn; a statement that is wrong is a fault of ours.
    static bool IsStorage(Exception fault) => fault is IOException
        or SqliteException { SqliteErrorCode: 10 or 11 or 13 or 14 or 26 };

    static partial class Log
    {
        [LoggerMessage(900, LogLevel.Error,
            "The store was damaged ({Fault}). It was moved to {Path}, and a new one begun: everything before "
            + "is missing until it is brought back. Run spasmstream recover on it, or restore a backup.")]
        public static partial void Quarantined(ILogger logger, string fault, string path);
    }
}
