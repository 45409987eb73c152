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
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("check-config", "Check the configuration without starting anything.",
            "spasmstream check-config --config spasmstream.json")
        {
            config, json,
        };
        command.SetAction((parsed, cancellationToken) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(config), parsed.GetValue(json), cancellationToken)));
        return command;
    }

    static async Task<int> RunAsync(string? config, bool json, CancellationToken cancellationToken)
    {
        var faults = SettingsFault.All(config);
        if (faults.Count == 0)
            faults = [.. (await WebhookLookup.FaultsAsync(Settings.Load(config).Settings.Notify,
                WebhookDoor.ResolveHere, TimeProvider.System, cancellationToken)).Select(SettingsFault.Of)];
        Answer.Print(json, new { Ok = faults.Count == 0, Faults = faults }, _ =>
        {
            foreach (var fault in faults)
                Console.Error.WriteLine(fault.Line);
            if (faults.Count == 0)
                Console.WriteLine(Good(config));
        });
        return faults.Count == 0 ? ExitCode.Clean : ExitCode.Configuration;
    }

    static string Good(string? config)
    {
        var (settings, _) = Settings.Load(config);
        return $"The configuration is good: {settings.ListedWearers().Count} wearers, "
            + (settings.UsesEmbeddedBroker ? "embedded broker." : "external broker.");
    }
}
