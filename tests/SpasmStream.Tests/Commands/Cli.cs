using SpasmStream.Worker.Commands;

namespace SpasmStream.Tests.Commands;

/// <summary>What a verb said and how it ended.</summary>
sealed record CliAnswer(int Code, string Out, string Error)
{
    public string All => Out + Error;

    /// <summary>Its one JSON object.</summary>
    public System.Text.Json.JsonElement Json => System.Text.Json.JsonDocument.Parse(Out).RootElement;
}

/// <summary>
/// The program itself, called in this process. The console belongs to the process: only for collections that
/// run alone.
/// </summary>
static class Cli
{
    public static CliAnswer Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var before = (Console.Out, Console.Error);
        Console.SetOut(output);
        Console.SetError(error);
        try
        {
            var code = (int)typeof(CommandLine).Assembly.EntryPoint!.Invoke(null, [arguments])!;
            return new CliAnswer(code, output.ToString(), error.ToString());
        }
        finally
        {
            Console.SetOut(before.Out);
            Console.SetError(before.Error);
        }
    }
}
