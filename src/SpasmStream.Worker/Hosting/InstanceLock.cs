using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// One host runs one worker on one folder: two would take each other's session, and write one file.
/// </summary>
sealed class InstanceLock : IDisposable
{
    readonly FileStream _file;

    InstanceLock(FileStream file) => _file = file;

    public static InstanceLock Take(string directory)
    {
        var path = PathIn(directory);
        try
        {
            StoreFile.PrepareDirectory(directory);
            return new InstanceLock(new FileStream(path, OwnerOnly()));
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new SetupException(
                $"{fault.Message} Give Store:Directory a folder this user may write to.");
        }
        catch (IOException fault)
        {
            throw new SetupException(LockHolder.Find(directory) is { } process
                ? $"A worker (process {process}) runs on this store; stop it first."
                : $"The folder {directory} cannot be used: {fault.Message} "
                + "If another worker uses it, stop that one or set Store:Directory.");
        }
    }

    public static string PathIn(string directory) => Path.Combine(directory, "spasmstream.lock");

    static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    public void Dispose() => _file.Dispose();
}
