using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Commands;

/// <summary><c>spasmsim list</c>: the characters and what is true about them.</summary>
static class ListCommand
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print as JSON." };
        var command = new Command("list", "Says what is true about each simulated character.") { json };
        command.SetAction(parsed => Print(parsed.GetValue(json)));
        return command;
    }

    static int Print(bool isJson)
    {
        if (isJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(Character.All, Json));
            return ExitCode.Ok;
        }
        var table = new Table().Border(TableBorder.None).AddColumns("character", "what is true");
        foreach (var character in Character.All)
            table.AddRow(character.Name, Markup.Escape(character.Truth));
        AnsiConsole.Write(table);
        return ExitCode.Ok;
    }
}
