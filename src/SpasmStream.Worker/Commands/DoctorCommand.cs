using System.CommandLine;

namespace SpasmStream.Worker.Commands;

/// <summary><c>spasmstream doctor</c>: what works, what does not, and what to do.</summary>
static class DoctorCommand
{
    public static Command Build()
    {
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("doctor", "Try everything the settings name, and say what to do.",
            "spasmstream doctor --config spasmstream.json")
        {
            config, json,
        };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(
            parsed.GetValue(config), parsed.GetValue(json), token)));
        return command;
    }

    static async Task<int> RunAsync(string? config, bool json, CancellationToken cancellationToken)
    {
        using var interrupt = new Interrupt(cancellationToken);
        var findings = await new Doctor(TimeProvider.System).ExamineAsync(config, interrupt.Token);
        var ok = findings.All(finding => finding.State != FindingState.Failed);
        Answer.Print(json, new { Ok = ok, Findings = findings.Select(Told).ToList() }, _ => Print(findings));
        return ok ? ExitCode.Clean : ExitCode.Configuration;
    }

    static void Print(IReadOnlyList<DoctorFinding> findings)
    {
        var width = findings.Max(finding => finding.Area.Length);
        foreach (var finding in findings)
        {
            Console.WriteLine($"{Word(finding.State),-8} {finding.Area.PadRight(width)}  {finding.Seen}");
            if (finding.Advice.Length > 0)
                Console.WriteLine($"{new string(' ', 11 + width)}-> {finding.Advice}");
        }

        var (failed, warnings) = (findings.Count(f => f.State == FindingState.Failed),
            findings.Count(f => f.State == FindingState.Warning));
        Console.WriteLine();
        Console.WriteLine(failed + warnings == 0 ? "All is well."
            : $"{failed} failed, {warnings} to look at, {findings.Count - failed - warnings} well.");
    }

    static object Told(DoctorFinding finding) => new
    {
        finding.Area, State = Word(finding.State), finding.Seen, finding.Advice,
    };

    static string Word(FindingState state) => state switch
    {
        FindingState.Ok => "ok",
        FindingState.Warning => "warning",
        _ => "failed",
    };
}
