namespace SpasmStream.Tests.Tidy;

/// <summary>The files of the repository this test was built from.</summary>
static class Repository
{
    static readonly string[] _roots = ["src", "simulators", "tests"];
    static readonly string[] _built = ["bin", "obj", "data", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file below the folders of code, without what a build or a run leaves.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. _roots.SelectMany(root => Walk(At(root))).Order(StringComparer.Ordinal)];

    /// <summary>Every .cs and .razor file we wrote.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. Files.Where(IsSource).Select(path => new SourceFile(path, File.ReadAllText(At(path))))];

    /// <summary>Names at the top level that version control keeps.</summary>
    public static IReadOnlyList<string> TopLevel
    {
        get
        {
            var ignored = File.ReadLines(At(".gitignore")).Select(line => line.Trim().Trim('/')).ToHashSet();
            return [.. new DirectoryInfo(Root).EnumerateFileSystemInfos()
                .Select(entry => entry.Name)
                .Where(name => !ignored.Contains(name) && !name.EndsWith(".swp", StringComparison.Ordinal))];
        }
    }

    public static string At(string path) => Path.Combine(Root, path);

    static bool IsSource(string path) => Path.GetExtension(path) is ".cs" or ".razor";

    static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        foreach (var inner in Directory.EnumerateDirectories(folder))
            if (!_built.Contains(Path.GetFileName(inner)))
                foreach (var file in Walk(inner))
                    yield return file;
    }

    static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "SpasmStream.sln")))
                return at.FullName;
        throw new InvalidOperationException($"No SpasmStream.sln above {AppContext.BaseDirectory}.");
    }
}
