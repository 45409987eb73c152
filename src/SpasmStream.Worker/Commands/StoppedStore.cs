using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// The store while the worker is stopped, for verbs that write: the lock of the instance is held, so that
/// there is never a second writer.
/// </summary>
sealed class StoppedStore : IDisposable
{
    // Null when whoever opened it holds the lock on.
    readonly InstanceLock? _lock;
    bool _closed;

    StoppedStore(InstanceLock? held, StoreFile file, StoreWriter writer) =>
        (_lock, File, Writer) = (held, file, writer);

    public StoreFile File { get; }

    public StoreWriter Writer { get; }

    /// <summary>Opens it; <see cref="SetupException"/> when a worker runs on it.</summary>
    /// <param name="settings">Which store.</param>
    /// <param name="mustExist">Whether a store that is not there is a mistake, not a first time.</param>
    /// <param name="file">As which file to open it; as the settings say when left out.</param>
    /// <param name="under">The lock, where the caller holds it already; it stays the caller's.</param>
    public static StoppedStore Open(
        Settings settings, bool mustExist, StoreFile? file = null, InstanceLock? under = null)
    {
        file ??= StoreFile.Of(settings.Store);
        if ((mustExist || InstanceMark.Read(settings.Store.Directory) is not null)
            && !System.IO.File.Exists(file.Path))
            throw new SetupException($"There is no store in {settings.Store.Directory}.");
        var held = under is null ? InstanceLock.Take(settings.Store.Directory) : null;
        try
        {
            return new StoppedStore(held, file, new StoreWriter(file, settings.Store, TimeProvider.System));
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file, but lets nobody else at it yet.</summary>
    public void CloseFile()
    {
        if (!_closed)
            Writer.Dispose();
        _closed = true;
    }

    public void Dispose()
    {
        CloseFile();
        _lock?.Dispose();
    }
}
