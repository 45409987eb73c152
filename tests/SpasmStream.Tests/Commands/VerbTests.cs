using SpasmStream.Tests.Hosting;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

/// <summary>What all verbs share: help with an example, exit codes, one sentence for a fault.</summary>
[Collection(nameof(SettingsTests))]
public sealed class VerbTests
{
    [Fact]
    public void D11_Every_verb_explains_itself_with_an_example_and_refuses_what_it_does_not_know()
    {
        var seen = new List<string>();

        Walk([], seen);

        Assert.Superset(new HashSet<string>
        {
            "run", "demo", "backtest", "import", "export", "check-config", "config", "config show", "doctor",
            "dead-letters", "dead-letters list", "dead-letters show", "dead-letters export",
            "dead-letters requeue", "dead-letters purge",
        }, seen.ToHashSet());
    }

    [Fact]
    public void D11_A_verb_that_is_not_there_has_no_help() =>
        Assert.Equal(64, Cli.Run("evaluate", "--help").Code);

    [Fact]
    public void Where_nothing_goes_out_a_test_says_so_and_is_content()
    {
        var said = Cli.Run("notify", "test");

        Assert.Equal(0, said.Code);
        Assert.StartsWith("There is no channel to try", said.Out, StringComparison.Ordinal);
    }

    static void Walk(string[] verb, List<string> seen)
    {
        var help = Cli.Run([.. verb, "--help"]);
        Assert.True(help.Code == 0, $"{string.Join(' ', verb)}: {help.All}");
        if (verb.Length > 0)
        {
            var name = string.Join(' ', verb);
            seen.Add(name);
            Assert.Contains($"Example:{Environment.NewLine}  spasmstream {verb[0]}", help.Out,
                StringComparison.Ordinal);
            var bad = Cli.Run([.. verb, "--no-such-option"]);
            Assert.True(bad.Code == 64, $"{name}: {bad.Code} {bad.All}");
            Assert.Contains("--no-such-option", bad.Error, StringComparison.Ordinal);
        }

        foreach (var below in Below(help.Out))
            Walk([.. verb, below], seen);
    }

    static IEnumerable<string> Below(string help) => help.Split(Environment.NewLine)
        .SkipWhile(line => line != "Commands:").Skip(1)
        .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);

    public static TheoryData<Exception, int> Faults => new()
    {
        { new SetupException("Say why."), 78 },
        { new StoreUnusableException("It is not ours.", new IOException()), 78 },
        { new UnauthorizedAccessException("Not yours."), 78 },
        { new Microsoft.Data.Sqlite.SqliteException("disk I/O error", 10), 74 },
        { new IOException("The disk is gone."), 74 },
        { new OperationCanceledException(), 130 },
        { new InvalidOperationException("A bug."), 70 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task D11_A_fault_is_one_sentence_and_its_exit_code(Exception fault, int code)
    {
        var (before, said) = (Console.Error, new StringWriter());
        Console.SetError(said);
        try
        {
            Assert.Equal(code, await CommandLine.GuardAsync(() => throw fault));
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Single(said.ToString().TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public void S22_A_bug_is_told_with_its_place_and_without_what_it_was_given()
    {
        var text = "";
        try
        {
            _ = new WearerDirectory([null!], admitsStrangers: true);
        }
        catch (NullReferenceException fault)
        {
            text = CommandLine.Ours(fault);
        }

        Assert.Contains("SpasmStream.Worker.WearerDirectory", text, StringComparison.Ordinal);
        var secret = CommandLine.Ours(new FormatException("The input string 'hunter2' was \"hunter2\"."));
        Assert.Contains("FormatException", secret, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", secret, StringComparison.Ordinal);
    }
}
