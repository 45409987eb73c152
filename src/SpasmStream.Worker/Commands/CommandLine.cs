using System.CommandLine;
using Microsoft.Data.Sqlite;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// What all verbs share: the common options, and one sentence with an exit code instead of a stack.
/// </summary>
static class CommandLine
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
        var parsed = root.Parse(withVerb);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("Try: spasmstream --help");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // The host has its own way of stopping, and ten seconds for it.
            ProcessTerminationTimeout = null,
        });
    }

    /// <summary>The same for a verb that writes files: a disk that fails is no bug.</summary>
    public static Task<int> GuardFilesAsync(Func<Task<int>> verb) => GuardAsync(async () =>
    {
        try
        {
            return await verb();
        }
        catch (Exception fault)
            when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync($"{fault.Message} Nothing more was written.");
            return ExitCode.Storage;
        }
    });

    /// <summary>Says what is wrong with the arguments.</summary>
    public static int Misused(string fault)
    {
        Console.Error.WriteLine(fault);
        return ExitCode.Usage;
    }

    /// <summary>Turns what can go wrong outside into a sentence and an exit code; a bug stays loud.</summary>
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
    }
}
