using System.CommandLine;
using Microsoft.Data.Sqlite;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream run</c>: the worker.</summary>
static class RunCommand
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
            await using var app = WorkerHost.Build(settings, configuration);
            // Not RunAsync: it disposes what is asked next.
            await WorkerHost.StartWholeAsync(app, CancellationToken.None);
            await app.WaitForShutdownAsync();
            return ExitCodeOf(app);
        }));
        return command;
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
}
