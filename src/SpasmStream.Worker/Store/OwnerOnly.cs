namespace SpasmStream.Worker.Store;

/// <summary>Files and folders that only the owner of the process may read.</summary>
static class OwnerOnly
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A new file; one that is there already is a fault.</summary>
    public static FileStream Create(string path, int buffer = 4096)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = buffer,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Mode;
        return new FileStream(path, options);
    }

    /// <summary>
    /// Puts a whole text in the place of another: a crash leaves the old file or the new one.
    /// </summary>
    public static void Replace(string path, byte[] content)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var stream = Create(fresh))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Copies a file to a new one.</summary>
    public static void Copy(string from, string to)
    {
        using var source = new FileStream(
            from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = Create(to);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }
}
