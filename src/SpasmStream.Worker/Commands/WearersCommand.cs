using System.CommandLine;
using System.Text.Json;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// <c>spasmstream wearers</c>: who is listed, and who came by themselves. What it changes stands in a file of
/// its own, so it may run beside the worker.
/// </summary>
static class WearersCommand
{
    const string NextStart = "A worker that runs goes on with the old profile until its next start.";
    const string Configured = "They stand in the configuration, and are taken in again.";
    const string AtOnce = "A worker that runs knows it within a second.";

    public static Command Build() => new Verb(
        "wearers", "List, show, add, change and confirm wearers.",
        "spasmstream wearers add anna --zone Europe/Berlin")
    {
        List(),
        Show(),
        Changing("add", "Add a wearer.", AtOnce, (file, wearer, _) => Add(file, wearer), AgainOption()),
        Changing("set", "Change what is known of an added wearer.", NextStart, Set),
        Changing("confirm", "Take in a wearer who came by themselves.", AtOnce, Confirm),
        Remove(),
    };

    static Verb List()
    {
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("list", "Everybody who is listed or known.", "spasmstream wearers list")
        { config, json };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            Answer.Print(parsed.GetValue(json), new { Wearers = WearerListing.Read(settings) },
                it => Print(it.Wearers));
            return Task.FromResult(ExitCode.Clean);
        }));
        return command;
    }

    static Verb Show()
    {
        var (config, json, id) = (CommandLine.ConfigOption(), CommandLine.JsonOption(), Id());
        var command = new Verb("show", "What is known of one wearer.", "spasmstream wearers show anna")
        { id, config, json };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            var name = parsed.GetValue(id)!;
            var line = WearerListing.Read(settings).Find(it => it.Id == name)
                ?? throw new SetupException($"Nobody called {name} is listed or known.");
            var profile = settings.ListedWearers().FirstOrDefault(wearer => wearer.Id == name);
            Answer.Print(parsed.GetValue(json), new Shown(line, profile), Print);
            return Task.FromResult(ExitCode.Clean);
        }));
        return command;
    }

    static Verb Changing(
        string verb, string what, string when, Action<Listed, WearerOptions, Settings> change,
        Option<bool>? again = null)
    {
        var (config, json, id) = (CommandLine.ConfigOption(), CommandLine.JsonOption(), Id());
        var choices = new WearerChoices();
        var command = new Verb(verb, what, $"spasmstream wearers {verb} anna")
        { id, config, json };
        choices.AddTo(command);
        if (again is not null)
            command.Add(again);
        command.SetAction((parsed, token) => CommandLine.GuardAsync(async () =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            var name = parsed.GetValue(id)!;
            if (again is not null
                && await ErasedNames.AdmitAsync(settings, name, parsed.GetValue(again), token)
                && settings.Wearers.Exists(wearer => wearer.Id == name))
            {
                Note(settings, "wearer-again");
                Answer.Print(parsed.GetValue(json), new Done(name, verb, Configured), done =>
                    Console.WriteLine($"{done.Id}: {Past(verb)}. {done.Note}"));
                return ExitCode.Clean;
            }

            RefuseConfigured(settings, name);
            var faults = new List<string>();
            new WearerFile(settings.Store.Directory).Change(all =>
            {
                var listed = new Listed(all);
                var wearer = listed.Find(name) ?? new WearerOptions { Id = name };
                change(listed, wearer, settings);
                faults.AddRange(Apply(choices, parsed, wearer));
                if (faults.Count > 0)
                    throw new SetupException(string.Join(Environment.NewLine, faults));
            });
            Note(settings, "wearer-" + verb);
            Answer.Print(parsed.GetValue(json), new Done(name, verb, when),
                done => Console.WriteLine($"{done.Id}: {Past(verb)}. {done.Note}"));
            return ExitCode.Clean;
        }));
        return command;
    }

    static Verb Remove()
    {
        var (config, json, id) = (CommandLine.ConfigOption(), CommandLine.JsonOption(), Id());
        var command = new Verb("remove", "Take an added wearer off the list; their data stays.",
            "spasmstream wearers remove anna")
        {
            id, config, json,
        };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            var name = parsed.GetValue(id)!;
            RefuseConfigured(settings, name);
            new WearerFile(settings.Store.Directory).Change(all =>
            {
                if (all.RemoveAll(wearer => wearer.Id == name) == 0)
                    throw new SetupException($"{name} is not among the added wearers.");
            });
            Note(settings, "wearer-remove");
            Answer.Print(parsed.GetValue(json), new Done(name, "remove", AtOnce), done => Console.WriteLine(
                $"{done.Id} is off the list; what was kept stays until it is erased. {done.Note}"));
            return Task.FromResult(ExitCode.Clean);
        }));
        return command;
    }

    static void Add(Listed listed, WearerOptions wearer)
    {
        if (!listed.TryAdd(wearer))
            throw new SetupException($"{wearer.Id} is there already; change them with: wearers set.");
    }

    static void Set(Listed listed, WearerOptions wearer, Settings settings)
    {
        if (listed.Find(wearer.Id) is null)
            throw new SetupException($"{wearer.Id} is not among the added wearers; use: wearers add.");
    }

    static void Confirm(Listed listed, WearerOptions wearer, Settings settings)
    {
        if (WearerListing.Read(settings).All(line => line.Id != wearer.Id))
            throw new SetupException($"Nobody called {wearer.Id} has come; use: wearers add.");
        Add(listed, wearer);
    }

    static IEnumerable<string> Apply(WearerChoices choices, ParseResult parsed, WearerOptions wearer)
    {
        try
        {
            choices.Apply(parsed, wearer);
            return WearerCheck.AllFaults(wearer, wearer.Id);
        }
        catch (FormatException fault)
        {
            return [fault.Message];
        }
    }

    static void RefuseConfigured(Settings settings, string name)
    {
        if (settings.Wearers.Exists(wearer => wearer.Id == name))
            throw new SetupException(
                $"{name} stands in the configuration, which wins over what is added here; change it there.");
    }

    static void Note(Settings settings, string action) => new SecurityLog(settings.Store.Directory).Append(
        new SecurityEvent(Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), "operator", action,
            null, null));

    static Option<bool> AgainOption() => new("--again")
    {
        Description = "Also somebody who was erased, while the worker is stopped.",
    };

    static Argument<string> Id() => new("ID") { Description = "The wearer's name in topics." };

    static string Past(string verb) => verb switch
    {
        "add" => "added",
        "set" => "changed",
        _ => "confirmed",
    };

    static void Print(IReadOnlyList<WearerLine> lines) => TextTable.Print(
        ["wearer", "state", "zone", "since", "last heard"], lines.Select(line => (string[])
            [line.Id, line.State, line.Zone ?? "", $"{line.Since}", $"{line.LastHeard}"]));

    static void Print(Shown shown)
    {
        Print([shown.Wearer]);
        if (shown.Profile is null)
            return;
        Console.WriteLine();
        using var profile = JsonDocument.Parse(Answer.Text(shown.Profile));
        TextTable.Print(["told of them", ""], profile.RootElement.EnumerateObject().Select(
            it => (string[])[it.Name.Replace('_', ' '), Visible.Line(it.Value.ToString())]));
    }

    sealed record Shown(WearerLine Wearer, WearerOptions? Profile);

    sealed record Done(string Id, string Verb, string Note);

    /// <summary>The added wearers while they are changed.</summary>
    sealed class Listed(List<WearerOptions> all)
    {
        public WearerOptions? Find(string id) => all.Find(wearer => wearer.Id == id);

        public bool TryAdd(WearerOptions wearer)
        {
            if (Find(wearer.Id) is not null)
                return false;
            all.Add(wearer);
            return true;
        }
    }
}
