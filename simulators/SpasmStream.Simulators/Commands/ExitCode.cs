using System.CommandLine;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Replay;

namespace SpasmStream.Simulators.Commands;

/// <summary>The arguments cannot be used; the message says which and why.</summary>
sealed class BadArgumentsException(string message) : Exception(message);

/// <summary>What the process says with its exit code.</summary>
static class ExitCode
{
    public const int Ok = 0;
    public const int BadArguments = 64;
    public const int Failed = 70;

    /// <summary>
    /// Runs the command line; every expected failure ends in one sentence on standard error.
    /// </summary>
    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            return BadArguments;
        }
        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
        }
        catch (Exception cause) when (cause is BadArgumentsException or ReplayRefusedException)
        {
            await Console.Error.WriteLineAsync(cause.Message);
            return BadArguments;
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C: what is not acknowledged is not lost, it was only simulated.
            return Ok;
        }
        catch (Exception cause) when (cause is BrokerUnavailableException or IOException
                                          or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(cause.Message);
            return Failed;
        }
    }
}
