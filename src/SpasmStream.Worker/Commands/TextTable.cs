using Spectre.Console;

namespace SpasmStream.Worker.Commands;

/// <summary>Columns without lines or colours, as wide as they are when nobody watches.</summary>
static class TextTable
{
    const int WidthInPipe = 1_000;

    public static void Print(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Out),
            ColorSystem = ColorSystemSupport.NoColors,
        });
        if (Console.IsOutputRedirected)
            console.Profile.Width = WidthInPipe;
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column)).PadRight(2));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        console.Write(table);
    }
}
