using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// What all verbs share: the common options, and one sentence with an exit code instead of a stack.
/// </summary>
static partial class CommandLine
{
    public static Option<string?> ConfigOption() => new("--config")
    {
        Description = "A configuration file (JSON, comments allowed) read after appsettings.json.",
    };

    public static Option<bool> JsonOption() => new("--json")
    {
        Description = "Print one JSON object instead of text.",
    };

    /// <summary>Runs a verb; without one it is <c>run</c>.</summary>
    public static async Task<int> InvokeOrRunAsync(this RootCommand root, string[] args)
    {
        var withVerb = args.Length == 0 || (args[0].StartsWith("--config", StringComparison.Ordinal))
            ? ["run", .. args] : args;
        ExampleHelp.AddTo(root);
        var parsed = root.Parse(withVerb);
        // Who asks for help need not know yet what else is wanted.
        var faults = parsed.Errors.Select(error => error.Message).Concat(Unknown(parsed)).ToList();
        if (faults.Count > 0 && (parsed.Action is not ExampleHelp || parsed.UnmatchedTokens.Count > 0))
        {
            foreach (var fault in faults)
                await Console.Error.WriteLineAsync(fault);
            await Console.Error.WriteLineAsync("Try: spasmstream --help");
            return ExitCode.Usage;
        }

        return await GuardAsync(() => parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // The host has its own way of stopping, and ten seconds for it.
            ProcessTerminationTimeout = null,
        }));
    }

    // The library takes an option it does not know for the argument that is still wanted.
    static IEnumerable<string> Unknown(ParseResult parsed) => parsed.CommandResult.Children
        .OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
        .Where(token => token.Value.StartsWith("--", StringComparison.Ordinal))
        .Select(token => $"There is no option {Visible.Line(token.Value)} here.");

    /// <summary>Says what is wrong with the arguments.</summary>
    public static int Misused(string fault)
    {
        Console.Error.WriteLine(fault);
        return ExitCode.Usage;
    }

    /// <summary>
    /// Turns whatever goes wrong into one sentence and an exit code: what is wrong outside into what to do
    /// about it, anything else into a fault of ours.
    /// </summary>
    public static async Task<int> GuardAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception fault) when (fault is SetupException or StoreUnusableException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return ExitCode.Configuration;
        }
        catch (SqliteException fault)
        {
            await Console.Error.WriteLineAsync(
                $"The store failed (SQLite error {fault.SqliteErrorCode}); its disk may be full or gone.");
            return ExitCode.Storage;
        }
        catch (IOException fault)
            when (fault.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync(
                $"{fault.Message.TrimEnd('.')}. Stop the other program, or set Web:Url to another port.");
            return ExitCode.Configuration;
        }
        catch (UnauthorizedAccessException fault)
        {
            await Console.Error.WriteLineAsync($"{fault.Message} Give this user the right to it.");
            return ExitCode.Configuration;
        }
        catch (IOException fault)
        {
            await Console.Error.WriteLineAsync($"A file cannot be read or written: {fault.Message}");
            return ExitCode.Storage;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped before the end, as was asked.");
            return ExitCode.Interrupted;
        }
        catch (Exception fault)
        {
            await Console.Error.WriteLineAsync(Ours(fault));
            return ExitCode.Internal;
        }
    }

    /// <summary>
    /// What is told of a bug: its kind, its text without what stands in quotes, because that may be a value,
    /// and where it was.
    /// </summary>
    public static string Ours(Exception fault)
    {
        var inner = fault.GetBaseException();
        var at = new StackTrace(inner).GetFrames().Select(frame => frame.GetMethod())
            .FirstOrDefault(method => method?.DeclaringType?.Namespace?.StartsWith(
                "SpasmStream", StringComparison.Ordinal) == true);
        return $"This is a fault of ours, please report it: {inner.GetType().Name}"
            + (at is null ? "" : $" in {at.DeclaringType!.FullName}.{at.Name}")
            + $": {Quoted().Replace(inner.Message, "...").ReplaceLineEndings(" ")}";
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"", RegexOptions.None, 100)]
    private static partial Regex Quoted();
}
