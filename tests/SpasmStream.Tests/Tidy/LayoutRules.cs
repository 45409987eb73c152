using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SpasmStream.Tests.Tidy;

/// <summary>How long and how deep: files, lines, methods, folders, namespaces.</summary>
static class LayoutRules
{
    const int FileLines = 250;
    const int LineColumns = 110;
    const int MethodLines = 70;

    static readonly HashSet<string> _topLevel =
    [
        "src", "tests", "simulators", "deploy", "SpasmStream.sln", "README.md", "CHANGELOG.md", "LICENSE",
        "Directory.Build.props", "Directory.Packages.props", "global.json", "nuget.config", ".editorconfig",
        ".ci", ".config", ".git", ".gitignore", ".gitattributes",
    ];

    public static IEnumerable<Finding> FilesAreShort(SourceFile file)
    {
        if (file.Lines.Length > FileLines)
            yield return new(file.Path, FileLines + 1,
                $"the file has {file.Lines.Length} lines; split it, {FileLines} at most.");
    }

    public static IEnumerable<Finding> LinesAreShort(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Length; i++)
            if (file.Lines[i].EnumerateRunes().Count() is var columns and > LineColumns)
                yield return new(file.Path, i + 1,
                    $"the line has {columns} columns; break it at {LineColumns}.");
    }

    public static IEnumerable<Finding> MethodsAreShort(SourceFile file)
    {
        foreach (var node in file.Nodes)
        {
            var start = node switch
            {
                MethodDeclarationSyntax method => method.ReturnType,
                ConstructorDeclarationSyntax constructor => constructor.ParameterList,
                LocalFunctionStatementSyntax local => local.ReturnType,
                OperatorDeclarationSyntax op => op.ReturnType,
                AccessorDeclarationSyntax accessor => accessor,
                GlobalStatementSyntax { Parent: CompilationUnitSyntax unit } first
                    when unit.Members.IndexOf(first) == 0 => first,
                _ => (SyntaxNode?)null,
            };
            if (start is null)
                continue;
            var end = node is GlobalStatementSyntax ? LastStatement(node.Parent!) : node;
            var lines = Line(end.GetLocation(), last: true) - Line(start.GetLocation(), last: false) + 1;
            if (lines > MethodLines)
                yield return file.Found(start,
                    $"the method has {lines} lines; keep its branches, move straight-line work down, "
                    + $"{MethodLines} at most.");
        }
    }

    /// <summary>
    /// Code lies one folder below its project; tests may go two deep, recorded cases deeper.
    /// </summary>
    public static IEnumerable<Finding> FoldersAreFlat(string path)
    {
        var folders = path.Split('/')[..^1];
        var allowed = folders.FirstOrDefault() == "tests" ? 4 : 3;
        if (folders.Length > allowed && !folders.Contains("wwwroot") && !folders.Contains("Golden"))
            yield return new(path, 1, "the folder is too deep; a room is one folder below its project.");
    }

    public static IEnumerable<Finding> NamespacesMatchFolders(SourceFile file)
    {
        var expected = string.Join('.', file.Folders.Prepend(file.Project.Split('/')[^1]));
        foreach (var declared in file.Nodes.OfType<BaseNamespaceDeclarationSyntax>())
            if (declared.Name.ToString() != expected)
                yield return file.Found(declared,
                    $"the namespace is {declared.Name}; by its folder it is {expected}.");
        foreach (var type in file.Nodes.OfType<BaseTypeDeclarationSyntax>())
            if (type.Parent is CompilationUnitSyntax)
                yield return file.Found(type, $"the type has no namespace; by its folder it is {expected}.");
    }

    public static IEnumerable<Finding> TopLevelIsAgreed(string name)
    {
        if (!_topLevel.Contains(name))
            yield return new(name, 1,
                "the top level holds the agreed names only; move it into one of their folders.");
    }

    static GlobalStatementSyntax LastStatement(SyntaxNode unit) =>
        unit.ChildNodes().OfType<GlobalStatementSyntax>().Last();

    static int Line(Location location, bool last)
    {
        var span = location.GetLineSpan();
        return (last ? span.EndLinePosition : span.StartLinePosition).Line;
    }
}
