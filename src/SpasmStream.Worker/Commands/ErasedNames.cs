using SpasmStream.Core.Signals;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>Names whose bearers were erased: nothing of them is taken in until somebody says so.</summary>
static class ErasedNames
{
    /// <summary>
    /// Whether a bar was lifted; <see cref="SetupException"/> when there is one that is to stay, or a worker
    /// runs, which alone may write.
    /// </summary>
    public static async Task<bool> AdmitAsync(
        Settings settings, string name, bool again, CancellationToken cancellationToken)
    {
        if (!WearerId.IsValid(name))
            return false;
        var wearer = new WearerId(name);
        if (!ErasedWearers.Holds(new StoreFile(settings.Store.Directory), wearer))
            return false;
        if (!again)
            throw new SetupException($"{name} was erased, so every message of theirs is refused. To take "
                + $"them in anew, stop the worker and say: spasmstream wearers add {name} --again");
        using var store = StoppedStore.Open(settings, mustExist: true);
        return await store.Writer.RunAsync(session => session.Erased.Remove(wearer), cancellationToken);
    }
}
