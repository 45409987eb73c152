namespace SpasmStream.SystemTests.Support;

/// <summary>
/// Where real recordings lie, for testing only: <c>SPASMSTREAM_DATA</c>, else <c>shared/data</c> upwards.
/// </summary>
static class RealRecordings
{
    /// <summary>The full path of a file or folder among them; skips the running test without it.</summary>
    public static string Require(string name)
    {
        var folders = new List<string>();
        if (Environment.GetEnvironmentVariable("SPASMSTREAM_DATA") is { Length: > 0 } stated)
            folders.Add(stated);
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            folders.Add(Path.Combine(at.FullName, "..", "shared", "data"));
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(Path.Exists);
        Assert.SkipWhen(found is null, $"There is no recording {name}; SPASMSTREAM_DATA may say where.");
        return found!;
    }
}
