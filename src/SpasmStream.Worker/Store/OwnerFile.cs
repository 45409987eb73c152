using System.Text;

namespace SpasmStream.Worker.Store;

/// <summary>A small file that only its owner may read, and that is there whole or not at all.</summary>
static class OwnerFile
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Beside it and then renamed: a crash leaves the old file or the new one, and no moment of open reading.
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var stream = Open(fresh, FileMode.CreateNew, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes away what others may do with it.</summary>
    public static void Close(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && File.GetUnixFileMode(path) != OwnerOnly)
            File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>
    /// Holds a file that several commands may change; throws <see cref="SetupException"/> when another still
    /// does after two seconds.
    /// </summary>
    public static FileStream Hold(string path)
    {
        try
        {
            StoreFile.PrepareDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return Lock(path + ".lock");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{path} cannot be changed now: {fault.Message} "
                + "If another command does, try again; else give Store:Directory a folder of this user.");
        }
    }

    /// <summary>
    /// Holds a lock against all processes; <see cref="IOException"/> when somebody else still holds it after
    /// two seconds, or it cannot be made.
    /// </summary>
    public static FileStream Lock(string path)
    {
        FileStream? held = null;
        IOException? busy = null;
        SpinWait.SpinUntil(() =>
        {
            try
            {
                held = Open(path, FileMode.OpenOrCreate, FileShare.None);
                return true;
            }
            // What is more special says that there is no such place, and waiting does not help.
            catch (IOException fault) when (fault.GetType() == typeof(IOException))
            {
                busy = fault;
                return false;
            }
        }, Patience);
        return held ?? throw busy!;
    }

    static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }
}
