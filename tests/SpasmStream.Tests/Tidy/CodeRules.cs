using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SpasmStream.Tests.Tidy;

/// <summary>What no code of ours does.</summary>
static partial class CodeRules
{
    const string OpenAdvice = "is no comment; do it, or open an issue.";

    static readonly Dictionary<string, string> _calls = new()
    {
        ["DateTime.Now"] = "take a TimeProvider",
        ["DateTime.UtcNow"] = "take a TimeProvider",
        ["DateTime.Today"] = "take a TimeProvider",
        ["DateTimeOffset.Now"] = "take a TimeProvider",
        ["DateTimeOffset.UtcNow"] = "take a TimeProvider",
        ["SystemClock.Instance"] = "take a TimeProvider",
        ["Thread.Sleep"] = "wait for something that happens, not for the wall clock",
    };

    public static IEnumerable<Finding> NoClockNoSleep(SourceFile file)
    {
        foreach (var access in file.Nodes.OfType<MemberAccessExpressionSyntax>())
        {
            var owner = (access.Expression as MemberAccessExpressionSyntax)?.Name ?? access.Expression;
            if (_calls.TryGetValue($"{owner}.{access.Name.Identifier.ValueText}", out var instead))
                yield return file.Found(access, $"{owner}.{access.Name} is not used here; {instead}.");
        }
        foreach (var finding in InRazor(file, RazorClock(), "is not used here; take a TimeProvider."))
            yield return finding;
    }

    public static IEnumerable<Finding> NoAsyncVoid(SourceFile file)
    {
        foreach (var node in file.Nodes)
        {
            var (modifiers, type) = node switch
            {
                MethodDeclarationSyntax method => (method.Modifiers, method.ReturnType),
                LocalFunctionStatementSyntax local => (local.Modifiers, local.ReturnType),
                _ => (default, null),
            };
            if (type?.ToString() == "void" && modifiers.Any(SyntaxKind.AsyncKeyword))
                yield return file.Found(type, "an async void cannot be awaited; return a Task.");
        }
        foreach (var finding in InRazor(file, RazorAsyncVoid(), "cannot be awaited; return a Task."))
            yield return finding;
    }

    public static IEnumerable<Finding> NothingIsLeftOpen(SourceFile file)
    {
        foreach (var name in file.Nodes.OfType<IdentifierNameSyntax>())
            if (name.Identifier.ValueText == "NotImplementedException")
                yield return file.Found(name, "nothing is left to implement; write it or leave it out.");
        foreach (var trivia in file.Trivia)
        {
            var note = OpenNote().Match(trivia.ToString());
            if (note.Success && !trivia.IsKind(SyntaxKind.DisabledTextTrivia))
                yield return file.Found(trivia.GetLocation(), $"{note.Value} {OpenAdvice}");
            if (trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))
                yield return file.Found(trivia.GetLocation(),
                    "a region hides that a file is too long; split it.");
        }
        foreach (var finding in InRazor(file, OpenNote(), OpenAdvice))
            yield return finding;
    }

    /// <summary>A path of one machine is wrong on every other.</summary>
    public static IEnumerable<Finding> NoMachinePaths(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Length; i++)
            if (MachinePath().Match(file.Lines[i]) is { Success: true } path)
                yield return new(file.Path, i + 1,
                    $"{path.Value} exists on one machine; ask Path.GetTempPath or an option.");
    }

    static IEnumerable<Finding> InRazor(SourceFile file, Regex pattern, string advice)
    {
        if (file.IsCSharp)
            yield break;
        for (var i = 0; i < file.Lines.Length; i++)
            if (pattern.Match(file.Lines[i]) is { Success: true } match)
                yield return new(file.Path, i + 1, $"{match.Value} {advice}");
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b")]
    private static partial Regex RazorClock();

    [GeneratedRegex(@"\basync\s+void\b")]
    private static partial Regex RazorAsyncVoid();

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K)\b")]
    private static partial Regex OpenNote();

    [GeneratedRegex(@"(?<![\w./-])/(home|work|tmp)/")]
    private static partial Regex MachinePath();
}
