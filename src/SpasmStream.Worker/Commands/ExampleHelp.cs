using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SpasmStream.Worker.Commands;

/// <summary>The help of the library, and below it the verb's own example.</summary>
sealed class ExampleHelp(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Puts it in place of the usual help, for all verbs.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
            if (help.Action is HelpAction usual)
                help.Action = new ExampleHelp(usual);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb verb)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            output.WriteLine($"  {verb.Example}");
            output.WriteLine();
        }

        return code;
    }
}
