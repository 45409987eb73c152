using System.Runtime.InteropServices;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Ctrl+C and SIGTERM as a wish to stop, for verbs that end by themselves: what is committed stays, and they
/// say so.
/// </summary>
sealed class Interrupt : IDisposable
{
    readonly CancellationTokenSource _source;
    readonly PosixSignalRegistration[] _signals;

    public Interrupt(CancellationToken outer)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    // Asked twice, the process ends at once: a commit that runs is whole or not there.
    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
