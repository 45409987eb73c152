using System.Runtime.InteropServices;

namespace SpasmStream.Worker.Hosting;

/// <summary>Health records are their owner's alone: files 0600, folders 0700 (S29).</summary>
static class FileRights
{
    const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode OwnFolder = OwnFile | UnixFileMode.UserExecute;
    const UnixFileMode OfOthers = ~OwnFolder & (UnixFileMode)0x1FF;

    // What lies in the folder of a store and is ours; anything else there we leave as it is.
    static readonly string[] _ours =
    [
        "spasmstream.*", "security-events.*", "broker-password*", "accounts.json*", "wearers.json*",
        "instance.json*", "*.corrupt-*", "*.before-restore-*",
    ];

    /// <summary>
    /// From now on whatever this process makes, and whatever library makes it, is for its owner only.
    /// </summary>
    public static void KeepToOwner()
    {
        if (!OperatingSystem.IsWindows())
            _ = Native.UMask(0x3F);
    }

    /// <summary>Our files in a folder of a store.</summary>
    public static IReadOnlySet<string> OursIn(string directory) =>
        _ours.SelectMany(pattern => Directory.EnumerateFiles(directory, pattern)).ToHashSet();

    /// <summary>
    /// Takes the rights of others from our files in a folder, and from the folder when nothing else lies in
    /// it; returns what had been wider.
    /// </summary>
    public static IReadOnlyList<string> Narrow(string directory)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(directory))
            return [];
        var narrowed = new List<string>();
        var ours = OursIn(directory);
        foreach (var file in ours.Order(StringComparer.Ordinal))
            if ((File.GetUnixFileMode(file) & OfOthers) != 0)
            {
                File.SetUnixFileMode(file, OwnFile);
                narrowed.Add(file);
            }

        if ((File.GetUnixFileMode(directory) & OfOthers) != 0
            && Directory.EnumerateFileSystemEntries(directory).All(ours.Contains))
        {
            File.SetUnixFileMode(directory, OwnFolder);
            narrowed.Add(directory);
        }

        return narrowed;
    }

    static class Native
    {
        [DllImport("libc", EntryPoint = "umask")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern uint UMask(uint mask);
    }
}
