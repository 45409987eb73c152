using System.CommandLine;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;
using Spectre.Console;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream erase</c>: a wearer and everything of theirs, gone for good.</summary>
static class EraseCommand
{
    public static Command Build()
    {
        var wearer = new Argument<string>("wearer") { Description = "Who is to be erased." };
        var yes = new Option<bool>("--yes") { Description = "Do it without asking." };
        var broker = new Option<string?>("--broker")
        {
            Description = "HOST or HOST:PORT of a broker that retains what we said of them; "
                + "the default is the broker of the configuration.",
        };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("erase", "Erase a wearer: every row, account and profile.",
            "spasmstream erase anna --yes")
        {
            wearer, yes, broker, config, json,
        };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(
            new EraseWish(parsed.GetValue(wearer)!, parsed.GetValue(yes), parsed.GetValue(broker),
                parsed.GetValue(json)),
            Settings.Load(parsed.GetValue(config)).Settings, TimeProvider.System, token)));
        return command;
    }

    public static async Task<int> RunAsync(
        EraseWish wish, Settings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!WearerId.IsValid(wish.Wearer))
            return CommandLine.Misused(
                $"{wish.Wearer} is no wearer: a name is 1 to 64 of a-z, 0-9, _ and -.");
        if (wish.Broker is not null && RetainedTopics.Parse(wish.Broker) is null)
            return CommandLine.Misused("--broker takes HOST or HOST:PORT.");
        var wearer = new WearerId(wish.Wearer);
        var file = StoreFile.Of(settings.Store);
        if (!File.Exists(file.Path))
            throw new SetupException($"There is no store in {settings.Store.Directory}.");
        var there = Erasure.Count(file, wearer).Where(table => table.Rows > 0).ToList();
        var isGone = wish.Broker is null && there.Count == 0
            && BesideFile.Accounts(settings.Store.Directory).Of(wish.Wearer).Count == 0
            && BesideFile.Wearers(settings.Store.Directory).Of(wish.Wearer).Count == 0;
        if (isGone && !ErasedWearers.Holds(file, wearer))
            return CommandLine.Misused($"Nothing is kept of {wish.Wearer}.");
        // There is nothing to ask about, but files may still name them.
        if (isGone && !wish.Yes)
            return Say(wish, new WearerErasure(settings, time, broker: null).LookAgain(wearer));
        if (!wish.Yes && !IsConfirmed(wish, there))
            return ExitCode.Usage;

        return Say(wish,
            await new WearerErasure(settings, time, wish.Broker).RunAsync(wearer, cancellationToken));
    }

    static int Say(EraseWish wish, ErasureReport report)
    {
        Answer.Print(wish.Json, report, Show);
        return report.IsClean ? ExitCode.Clean : ExitCode.Storage;
    }

    static bool IsConfirmed(EraseWish wish, List<ErasedRows> there)
    {
        foreach (var table in there)
            Console.Error.WriteLine($"{table.Rows,10}  {table.Table}");
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            Console.Error.WriteLine("This would be erased. Say --yes to do it.");
            return false;
        }

        return AnsiConsole.Confirm($"Erase all of this of {wish.Wearer}, for good?", defaultValue: false);
    }

    static void Show(ErasureReport report)
    {
        foreach (var part in report.Parts)
            Console.WriteLine($"{part.State,-12} {part.Store}{(part.Rows > 0 ? $" ({part.Rows})" : "")}"
                + (part.Note is { } note ? $": {note}" : ""));
        foreach (var left in report.LeftOver)
            Console.WriteLine($"left over in {left.File}: found {left.Hits} times.");
        foreach (var name in report.Mentioned)
            Console.WriteLine($"look at      {name.File}: the bare name is there {name.Hits} times, "
                + "perhaps inside another word.");
        Console.WriteLine(report.IsClean
            ? "Nothing of them was found in the store's folder. Copies made elsewhere are not touched."
            : "Erase or remove what is named, then erase again.");
    }
}

/// <summary>Who is to be erased, and how.</summary>
sealed record EraseWish(string Wearer, bool Yes, string? Broker, bool Json);
