using System.CommandLine;
using System.CommandLine.Parsing;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// <c>spasmstream dead-letters</c>: what was refused, to be looked at, read again or removed.
/// </summary>
static class DeadLettersCommand
{
    public static Command Build() => new Verb(
        "dead-letters", "Look at what was refused, read it again or remove it.",
        "spasmstream dead-letters list --reason unsupported")
    {
        List(), Show(), Export(), Requeue(), Purge(),
    };

    static Verb List()
    {
        var filter = new FilterOptions(withSince: true);
        var limit = new Option<int>("--limit")
        {
            Description = "The most rows shown, newest first.",
            DefaultValueFactory = _ => 50,
            CustomParser = result => Whole(result, 1, 100_000) ?? 0,
        };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("list", "Show the newest dead letters.",
            "spasmstream dead-letters list --wearer anna --since 24h") { limit, config, json };
        filter.AddTo(command);
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(DeadLetterShelf
            .Open(parsed.GetValue(config))
            .List(filter.Of(parsed), parsed.GetValue(limit), parsed.GetValue(json)))));
        return command;
    }

    static Verb Show()
    {
        var id = new Argument<long>("id") { Description = "The number of the dead letter." };
        var raw = new Option<bool>("--raw")
        {
            Description = "Write the payload alone, byte for byte.",
        };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("show", "Show one dead letter with its payload.",
            "spasmstream dead-letters show 17") { id, raw, config, json };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(DeadLetterShelf
            .Open(parsed.GetValue(config))
            .Show(parsed.GetValue(id), parsed.GetValue(raw), parsed.GetValue(json)))));
        return command;
    }

    static Verb Export()
    {
        var output = new Option<FileInfo>("--out")
        {
            Description = "The interchange file to write; it must not be there yet.", Required = true,
        };
        var filter = new FilterOptions(withSince: true);
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("export", "Write the refused messages to a file that import reads.",
            "spasmstream dead-letters export --out refused.ndjson") { output, config, json };
        filter.AddTo(command);
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(DeadLetterShelf
            .Open(parsed.GetValue(config))
            .Export(filter.Of(parsed), parsed.GetValue(output)!, parsed.GetValue(json)))));
        return command;
    }

    static Verb Requeue()
    {
        var id = new Argument<long?>("id")
        {
            Description = "One dead letter.", Arity = ArgumentArity.ZeroOrOne,
        };
        var reason = ReasonOption();
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("requeue", "Read refused messages again, while the worker is stopped. What is "
            + "good now keeps its first receipt and is marked as replayed: a backtest over an export may "
            + "know it earlier than the live forecasts did.",
            "spasmstream dead-letters requeue --reason unsupported") { id, reason, config, json };
        command.Validators.Add(result =>
        {
            // Whether they were said, not what: a value that is wrong is told by itself.
            var isNumbered = result.GetResult(id) is { Tokens.Count: > 0 };
            if (isNumbered == result.GetResult(reason) is not null)
                result.AddError("Say which: the number of a dead letter, or --reason CODE.");
        });
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => DeadLetterChange.RequeueAsync(
            new DeadLetterFilter { Id = parsed.GetValue(id), Reason = parsed.GetValue(reason) },
            parsed.GetValue(config), parsed.GetValue(json), token)));
        return command;
    }

    static Verb Purge()
    {
        var filter = new FilterOptions(withSince: false);
        var days = new Option<int?>("--older-than")
        {
            Description = "Days; what came before goes.",
            CustomParser = result => Whole(result, 0, 36_500),
        };
        var all = new Option<bool>("--all") { Description = "Everything." };
        var yes = new Option<bool>("--yes") { Description = "Do it; without this it is only counted." };
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("purge", "Remove dead letters for ever, while the worker is stopped.",
            "spasmstream dead-letters purge --wearer anna --yes") { days, all, yes, config, json };
        filter.AddTo(command);
        command.Validators.Add(result =>
        {
            var isNamed = result.GetResult(days) is not null || filter.IsNamed(result);
            if (isNamed == result.GetResult(all) is not null)
                result.AddError("Say which: --reason, --wearer, --older-than, or --all alone.");
        });
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => DeadLetterChange.PurgeAsync(
            filter.Of(parsed), parsed.GetValue(days), parsed.GetValue(yes),
            parsed.GetValue(config), parsed.GetValue(json), token)));
        return command;
    }

    static Option<string?> ReasonOption() => new("--reason")
    {
        Description = "A reason code, or its beginning before the colon.",
    };

    static int? Whole(ArgumentResult result, int least, int most)
    {
        if (int.TryParse(result.Tokens[0].Value, out var number) && number >= least && number <= most)
            return number;
        return Wrong<int?>(result, $"is no whole number from {least} to {most}");
    }

    static T? Wrong<T>(ArgumentResult result, string why)
    {
        result.AddError($"{Visible.Line(result.Tokens[0].Value)} {why}.");
        return default;
    }

    /// <summary>Which dead letters are meant, as options.</summary>
    sealed class FilterOptions(bool withSince)
    {
        readonly Option<string?> _reason = ReasonOption();
        readonly Option<WearerId?> _wearer = new("--wearer")
        {
            Description = "A wearer, by name.",
            CustomParser = result => WearerId.IsValid(result.Tokens[0].Value)
                ? new WearerId(result.Tokens[0].Value)
                : Wrong<WearerId?>(result, "is no name of a wearer"),
        };
        readonly Option<Instant?> _since = new("--since")
        {
            Description = "Received since: an instant, a day, or how long ago, such as 36h or 7d.",
            CustomParser = result => Since.Parse(result.Tokens[0].Value, TimeProvider.System)
                ?? Wrong<Instant?>(result, "is no instant, day or span such as 36h"),
        };

        public void AddTo(Command command)
        {
            command.Add(_reason);
            command.Add(_wearer);
            if (withSince)
                command.Add(_since);
        }

        public bool IsNamed(CommandResult result) =>
            result.GetResult(_reason) is not null || result.GetResult(_wearer) is not null;

        public DeadLetterFilter Of(ParseResult parsed) => new()
        {
            Reason = parsed.GetValue(_reason),
            Wearer = parsed.GetValue(_wearer),
            Since = withSince ? parsed.GetValue(_since) : null,
        };
    }
}
