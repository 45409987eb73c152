using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using SpasmStream.Worker.Hosting;
using Spectre.Console;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream backtest</c>: a file through the engine, judged against the base rate.</summary>
static class BacktestCommand
{
    static readonly JsonSerializerOptions Names =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Build()
    {
        var file = new Option<FileInfo>("--file")
        {
            Description = "Interchange NDJSON to replay.", Required = true,
        };
        var forecasts = new Option<FileInfo?>("--forecasts")
        {
            Description = "Write one CSV row an issue time here.",
        };
        var zone = new Option<string?>("--zone")
        {
            Description = "IANA zone of wearers who are not in the configuration.",
        };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb(
            "backtest", "Replay a file through the engine that runs live, and judge it.",
            "spasmstream backtest --file history.ndjson --zone Europe/Berlin --forecasts forecasts.csv")
        {
            file, forecasts, zone, config, json,
        };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(file)!, parsed.GetValue(forecasts), parsed.GetValue(zone),
            parsed.GetValue(config), parsed.GetValue(json), token)));
        return command;
    }

    static async Task<int> RunAsync(
        FileInfo file, FileInfo? forecasts, string? zone, string? config, bool json,
        CancellationToken cancellationToken)
    {
        if (!file.Exists)
            throw new SetupException($"The file {file.FullName} does not exist.");
        var began = Stopwatch.GetTimestamp();
        var (settings, _) = Settings.Load(config);
        var backtest = new Backtest(
            new WearerDirectory(settings.ListedWearers(), admitsStrangers: true, zone));
        var shown = 0;
        var tally = backtest.Read(file.FullName, (line, fault) =>
        {
            if (shown++ < 20)
                Console.Error.WriteLine($"{file.Name} line {line}: {fault}.");
        });
        var judged = await backtest.RunAsync(cancellationToken);
        if (forecasts is not null)
            ForecastCsv.Write(forecasts.FullName, judged);
        var cards = judged.GroupBy(j => j.Wearer.ToString())
            .Select(g => ScoreCard.Of(g.Key, g.ToList())).ToList();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { tally, seconds, wearers = cards }, Names));
        else
            Print(tally, cards, seconds);
        return ExitCode.Clean;
    }

    static void Print(ReadTally tally, List<ScoreCard> cards, double seconds)
    {
        Console.WriteLine($"{tally.Messages} messages, {tally.Samples} samples, {tally.Rejected} refused, "
            + $"{tally.BadLines} bad lines; {seconds:0.00} s.");
        var table = new Table().AddColumns(
            "wearer", "mornings", "at risk", "unknown", "scored", "onsets", "alerts",
            "AUC within", "Brier", "Brier skill", "e-value");
        foreach (var card in cards)
            table.AddRow(card.Wearer, $"{card.Mornings}", $"{card.AtRisk}", $"{card.ShareUnknown:0 %}",
                $"{card.Scored}", $"{card.Onsets}", $"{card.Alerts}", Text(card.Auc), Text(card.Brier),
                Text(card.BrierSkill), $"{card.EValue:0.00}");
        AnsiConsole.Write(table);
        Console.WriteLine(
            $"Scored: at-risk mornings from day {ScoreCard.FirstDay} on that have a probability and a "
            + "closed label, against the wearer's own running base rate. Brier skill above 0 beats it.");
    }

    static string Text(double? value) => value is { } number ? $"{number:0.000}" : "-";
}
