using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SpasmStream.Tests.Tidy;

/// <summary>Which words stand in names, and which types may exist.</summary>
static partial class NameRules
{
    static readonly HashSet<string> _emptyWords =
    [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Base", "Impl", "Processor", "Handler",
        "Data", "Info",
    ];

    /// <summary>An interface needs two shipped implementations: name them beside the one you add.</summary>
    static readonly HashSet<string> _interfaces =
    [
        "IHistory",     // SQLite, InfluxDB
        "INotifier",    // one per channel
        "IJournal",     // SQLite, the simulator's disk
        "IInfluxLink",  // HTTP, the simulator's InfluxDB
        "IBrokerLink",  // MQTT, the simulator's broker
    ];

    public static IEnumerable<Finding> TypeNamesSaySomething(SourceFile file)
    {
        foreach (var name in TypeNames(file))
            if (_emptyWords.Contains(Words(name.ValueText)[^1]))
                yield return file.Found(name, $"{name.ValueText} ends in an empty word; name what it does.");
    }

    /// <summary>One word, one meaning. Members of libraries may be called what they are called.</summary>
    public static IEnumerable<Finding> AWearerIsAWearer(SourceFile file)
    {
        foreach (var name in Declared(file))
            if (Regex.IsMatch(string.Join(' ', Words(name.ValueText)).ToLowerInvariant(),
                @"\b(patients?|subjects?|user id|person id)\b", RegexOptions.NonBacktracking))
                yield return file.Found(name,
                    $"{name.ValueText} names a wearer by another word; say wearer.");
    }

    public static IEnumerable<Finding> InterfacesAreFew(SourceFile file)
    {
        foreach (var type in file.Nodes.OfType<InterfaceDeclarationSyntax>())
            if (!_interfaces.Contains(type.Identifier.ValueText))
                yield return file.Found(type.Identifier,
                    $"{type.Identifier.ValueText} is not agreed; use the class, or agree on it here.");
    }

    /// <summary>Sealed always; only the benchmarks' runner and the pages' compiler derive.</summary>
    public static IEnumerable<Finding> TypesAreSealed(SourceFile file)
    {
        if (file.IsRazor || IsWeb(file) || file.IsIn("tests/SpasmStream.Benchmarks"))
            yield break;
        foreach (var type in file.Nodes.OfType<TypeDeclarationSyntax>())
            if (type is ClassDeclarationSyntax || (type is RecordDeclarationSyntax && !IsStruct(type)))
                if (!type.Modifiers.Any(modifier => modifier.ValueText is "sealed" or "static" or "abstract"))
                    yield return file.Found(type.Identifier,
                        $"{type.Identifier.ValueText} is open; make it sealed, static or abstract.");
    }

    /// <summary>Only Core has a public surface: nobody references the other two.</summary>
    public static IEnumerable<Finding> OnlyCoreIsPublic(SourceFile file)
    {
        if (file.IsRazor || IsWeb(file) || !(file.IsIn("src/SpasmStream.Worker") || file.IsIn("simulators")))
            yield break;
        foreach (var type in file.Nodes.OfType<BaseTypeDeclarationSyntax>())
            if (type.Parent is not TypeDeclarationSyntax
                && type.Modifiers.Any(modifier => modifier.ValueText == "public"))
                yield return file.Found(type.Identifier,
                    $"{type.Identifier.ValueText} is public; leave that out, only Core is referenced.");
    }

    internal static string[] Words(string name) =>
        WordPattern().Matches(name) is { Count: > 0 } words ? [.. words.Select(word => word.Value)] : [name];

    static bool IsWeb(SourceFile file) => file.IsIn("src/SpasmStream.Worker/Web");

    static bool IsStruct(TypeDeclarationSyntax type) =>
        type is RecordDeclarationSyntax record && record.ClassOrStructKeyword.ValueText == "struct";

    static IEnumerable<SyntaxToken> TypeNames(SourceFile file) =>
        file.Nodes.Select(node => node switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier,
            DelegateDeclarationSyntax type => type.Identifier,
            _ => default,
        }).Where(name => name.ValueText is { Length: > 0 });

    static IEnumerable<SyntaxToken> Declared(SourceFile file) =>
        file.Nodes.Select(node => node switch
        {
            MethodDeclarationSyntax it => it.Identifier,
            PropertyDeclarationSyntax it => it.Identifier,
            ParameterSyntax it => it.Identifier,
            VariableDeclaratorSyntax it => it.Identifier,
            SingleVariableDesignationSyntax it => it.Identifier,
            ForEachStatementSyntax it => it.Identifier,
            EnumMemberDeclarationSyntax it => it.Identifier,
            LocalFunctionStatementSyntax it => it.Identifier,
            TypeParameterSyntax it => it.Identifier,
            TupleElementSyntax it => it.Identifier,
            _ => default,
        }).Where(name => name.ValueText is { Length: > 0 }).Concat(TypeNames(file));

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")]
    private static partial Regex WordPattern();
}
