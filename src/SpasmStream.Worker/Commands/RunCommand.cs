using System.CommandLine;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream run</c>: the worker.</summary>
static class RunCommand
{
    public static Command Build()
    {
        var config = CommandLine.ConfigOption();
        var command = new Command("run", "Run the worker (the default).") { config };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(async () =>
        {
            var (settings, configuration) = Settings.Load(parsed.GetValue(config));
            using var instance = InstanceLock.Take(settings.Store.Directory);
            await using var app = WorkerHost.Build(settings, configuration);
            // Not RunAsync: it would take the loops away before they can be asked how they ended.
            await app.StartAsync();
            await app.WaitForShutdownAsync();
            return ExitCodeOf(app);
        }));
        return command;
    }

    /// <summary>The host ends cleanly even when one of its loops has failed; whoever restarts us must be told.</summary>
    public static int ExitCodeOf(WebApplication app) =>
        app.Services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Any(loop => loop.ExecuteTask is { IsFaulted: true })
            ? ExitCode.Internal : ExitCode.Clean;
}
