namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Who holds a store's lock, found without touching the lock: to try it, even for an instant and even shared,
/// would make a worker fail that starts in that instant. The kernel tells which process has which file open.
/// </summary>
static class LockHolder
{
    const string Processes = "/proc";

    /// <summary>Whether this system tells.</summary>
    public static bool CanSee => Directory.Exists(Processes);

    /// <summary>The process, or null: nobody, or nobody whose files we may see.</summary>
    public static int? Find(string directory)
    {
        var path = InstanceLock.PathIn(Real(Path.GetFullPath(directory)));
        if (!File.Exists(path) || !CanSee)
            return null;
        foreach (var process in Directory.EnumerateDirectories(Processes))
            if (int.TryParse(Path.GetFileName(process), out var id) && id != Environment.ProcessId
                && HasOpen(process, path))
                return id;
        return null;
    }

    static bool HasOpen(string process, string path)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(open => new FileInfo(open).LinkTarget == path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or it is somebody else's.
            return false;
        }
    }

    // As the kernel names it: no link on the way.
    static string Real(string path)
    {
        var at = Path.GetPathRoot(path)!;
        foreach (var part in path[at.Length..].Split(
            Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Combine(at, part);
            if (new DirectoryInfo(at) is { LinkTarget: not null } link
                && link.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                at = Real(target.FullName);
        }

        return at;
    }
}
