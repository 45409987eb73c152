using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SpasmStream.Tests.Tidy;

/// <summary>Who may know whom: projects by their files, rooms of the worker by what they name.</summary>
static class RoomRules
{
    public const string Worker = "SpasmStream.Worker";

    /// <summary>The rooms along the corridor.</summary>
    public static readonly IReadOnlyList<string> Rooms =
        ["Intake", "Decoding", "Broker", "Store", "Influx", "Assess", "Notify", "Web", "Commands", "Hosting"];

    static readonly string[] _composers = [$"src/{Worker}/Program.cs", $"src/{Worker}/Pipeline.cs"];
    static readonly string[] _corePackages = ["NodaTime", "MathNet.Numerics"];

    /// <summary>Who may reference whom; a new project says here what it makes impossible.</summary>
    static readonly Dictionary<string, string[]> _references = new()
    {
        ["SpasmStream.Core"] = [],
        ["SpasmStream.Worker"] = ["SpasmStream.Core"],
        ["SpasmStream.Simulators"] = ["SpasmStream.Core"],
        ["SpasmStream.Tests"] = ["SpasmStream.Core", "SpasmStream.Worker", "SpasmStream.Simulators"],
        ["SpasmStream.SystemTests"] = ["SpasmStream.Core", "SpasmStream.Worker", "SpasmStream.Simulators"],
        ["SpasmStream.Benchmarks"] = ["SpasmStream.Core", "SpasmStream.Worker", "SpasmStream.Simulators"],
    };

    /// <summary>
    /// A room may use the store, Core and itself; commands and hosting compose, so they know all.
    /// </summary>
    public static IEnumerable<string> ForbiddenTo(string room) =>
        room is "Commands" or "Hosting" ? [] : Rooms.Where(other => other != room && other != "Store");

    public static IEnumerable<Finding> RoomsKeepToThemselves(SourceFile file)
    {
        if (!file.IsIn("src/" + Worker) || _composers.Contains(file.Path))
            yield break;
        var room = file.Folders.FirstOrDefault() ?? "";
        var forbidden = ForbiddenTo(room).ToHashSet();
        foreach (var (name, at) in Named(file))
            if (forbidden.Contains(name))
                yield return file.Found(at, $"{(room.Length > 0 ? room : "the root")} uses {name}; "
                    + "a room knows the store and itself, let Pipeline.cs or Program.cs pass it in.");
    }

    public static IEnumerable<Finding> FoldersAreRooms(string path)
    {
        var parts = path.Split('/');
        if (parts is ["src", Worker, var folder, _, ..] && !Rooms.Contains(folder)
            && folder is not ("wwwroot" or "Properties"))
            yield return new(path, 1, $"{folder} is no room of the worker; use one, or agree on it here.");
    }

    public static IEnumerable<Finding> ProjectsPointInwards(string path, string xml)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (!_references.TryGetValue(name, out var allowed))
        {
            yield return new(path, 1, $"{name} is new; say here which reference it makes impossible.");
            yield break;
        }
        var project = XDocument.Parse(xml);
        foreach (var reference in project.Descendants("ProjectReference"))
        {
            var other = Path.GetFileNameWithoutExtension(Include(reference).Replace('\\', '/'));
            var buildOrderOnly = (name, other) == ("SpasmStream.Worker", "SpasmStream.Simulators")
                && reference.Attribute("ReferenceOutputAssembly")?.Value == "false";
            if (!allowed.Contains(other) && !buildOrderOnly)
                yield return new(path, 1, $"{name} references {other}; everything points inwards to Core.");
        }
        if (name == "SpasmStream.Core")
            foreach (var package in project.Descendants("PackageReference").Select(Include))
                if (!_corePackages.Contains(package))
                    yield return new(path, 1, $"Core uses {package}; NodaTime and MathNet.Numerics only.");
    }

    static string Include(XElement reference) => reference.Attribute("Include")?.Value ?? "";

    /// <summary>Rooms named by a using, or by a full name in the text.</summary>
    static IEnumerable<(string Room, SyntaxNode At)> Named(SourceFile file)
    {
        foreach (var node in file.Nodes)
        {
            var name = node switch
            {
                UsingDirectiveSyntax it => it.NamespaceOrType.ToString(),
                QualifiedNameSyntax { Parent: not (QualifiedNameSyntax or UsingDirectiveSyntax
                    or BaseNamespaceDeclarationSyntax) } it => it.ToString(),
                _ => "",
            };
            if (name.StartsWith(Worker + ".", StringComparison.Ordinal))
                yield return (name.Split('.')[2], node);
            else if (node is QualifiedNameSyntax && Rooms.Contains(name.Split('.')[0]))
                yield return (name.Split('.')[0], node);
        }
    }
}
