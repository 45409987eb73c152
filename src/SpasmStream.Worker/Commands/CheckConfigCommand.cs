using System.CommandLine;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// <c>spasmstream check-config</c>: what a start would say of the configuration, without starting.
/// </summary>
static class CheckConfigCommand
{
    public static Command Build()
    {
        var config = CommandLine.ConfigOption();
        var command = new Command("check-config", "Check the configuration without starting anything.")
        {
            config,
        };
        command.SetAction((parsed, cancellationToken) => CommandLine.GuardAsync(async () =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            var hosts = await WebhookLookup.FaultsAsync(
                settings.Notify, WebhookDoor.ResolveHere, TimeProvider.System, cancellationToken);
            if (hosts.Count > 0)
                throw new SetupException(string.Join(Environment.NewLine, hosts));
            await Console.Out.WriteLineAsync(
                $"The configuration is good: {settings.Wearers.Count} wearers, "
                + (settings.UsesEmbeddedBroker ? "embedded broker." : "external broker."));
            return ExitCode.Clean;
        }));
        return command;
    }
}
