using System.CommandLine;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream config show</c>: everything in force, and where it was said.</summary>
static class ConfigCommand
{
    public static Command Build()
    {
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var show = new Verb("show",
            "Show every setting in force and where it comes from; secrets stay hidden.",
            "spasmstream config show --config spasmstream.json") { config, json };
        show.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(
            Run(parsed.GetValue(config), parsed.GetValue(json)))));
        return new Verb("config", "Look at the settings.", "spasmstream config show") { show };
    }

    static int Run(string? config, bool json)
    {
        var (settings, configuration) = Settings.Load(config);
        var shown = SettingInForce.All(settings, configuration);
        Answer.Print(json, new { Settings = shown }, _ => TextTable.Print(["setting", "value", "from"],
            shown.Select(setting => (string[])[setting.Key, Visible.Line(setting.Value), setting.From])));
        return ExitCode.Clean;
    }
}
