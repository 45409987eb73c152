using System.CommandLine;
using SpasmStream.Worker.Hosting;

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
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(
            Run(parsed.GetValue(config), parsed.GetValue(json)))));
        return command;
    }

    static int Run(string? config, bool json)
    {
        var faults = SettingsFault.All(config);
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
        return $"The configuration is good: {settings.Wearers.Count} wearers, "
            + (settings.UsesEmbeddedBroker ? "embedded broker." : "external broker.");
    }
}
