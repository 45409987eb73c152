using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SpasmStream.Tests.Tidy;

/// <summary>A .cs or .razor file of ours; its syntax is parsed when a rule first asks.</summary>
sealed class SourceFile(string path, string text)
{
    static readonly CSharpParseOptions _options =
        new(LanguageVersion.Latest, DocumentationMode.Parse, SourceCodeKind.Regular);

    readonly Lazy<CompilationUnitSyntax> _syntax =
        new(() => CSharpSyntaxTree.ParseText(text, _options).GetCompilationUnitRoot());

    /// <summary>Relative to the root of the repository, with forward slashes.</summary>
    public string Path { get; } = path;

    public string[] Lines { get; } = text.TrimEnd('\n').Split('\n');

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>A razor component is written in two halves; neither is laid out like other code.</summary>
    public bool IsRazor => Path.EndsWith(".razor", StringComparison.Ordinal)
        || Path.EndsWith(".razor.cs", StringComparison.Ordinal);

    /// <summary>The folder of the project: <c>src/SpasmStream.Core</c>.</summary>
    public string Project => string.Join('/', Path.Split('/').Take(2));

    /// <summary>Folders below the project, without the file's name.</summary>
    public string[] Folders => Path.Split('/') is { Length: > 3 } parts ? parts[2..^1] : [];

    /// <summary>Empty for a razor file.</summary>
    public IEnumerable<SyntaxNode> Nodes => IsCSharp ? _syntax.Value.DescendantNodes() : [];

    /// <summary>Comments and directives, documentation too.</summary>
    public IEnumerable<SyntaxTrivia> Trivia => IsCSharp ? _syntax.Value.DescendantTrivia() : [];

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public Finding Found(SyntaxNode node, string advice) => Found(node.GetLocation(), advice);

    public Finding Found(SyntaxToken token, string advice) => Found(token.GetLocation(), advice);

    public Finding Found(Location location, string advice) =>
        new(Path, location.GetLineSpan().StartLinePosition.Line + 1, advice);
}
