using SpasmStream.Core.Signals;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>Whether the files that say who is known here can be read.</summary>
sealed class AccessState
{
    volatile bool _isIntact = true;

    public bool IsIntact
    {
        get => _isIntact;
        set => _isIntact = value;
    }
}

/// <summary>
/// Looks once a second at what commands change while the worker runs: who may connect, and who is listed.
/// </summary>
sealed partial class AccessLoop(
    Settings settings, WearerDirectory directory, IServiceProvider rooms, StoreWriter writer,
    ArrivalClock clock, AccessState state, TimeProvider time, ILogger<AccessLoop> logger) : BackgroundService
{
    readonly WearerFile _file = new(settings.Store.Directory);
    readonly WatchedFile _watched = new(new WearerFile(settings.Store.Directory).Path, time);

    // There is neither with an external broker.
    readonly Accounts? _accounts = rooms.GetService<Accounts>();
    readonly EmbeddedBroker? _broker = rooms.GetService<EmbeddedBroker>();
    bool _wearersAreIntact = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                _accounts?.Refresh();
                if (_broker is not null)
                    await _broker.DropChangedAsync();
                if (_watched.MayHaveChanged() || !_wearersAreIntact)
                    await RelistAsync(stoppingToken);
                state.IsIntact = _wearersAreIntact && _accounts?.IsIntact != false;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    async Task RelistAsync(CancellationToken stoppingToken)
    {
        try
        {
            var added = directory.Relist(_file.Merge(settings.Wearers));
            _wearersAreIntact = true;
            if (added.Count > 0)
                await writer.RunAsync(session => Confirm(session, added), stoppingToken);
        }
        catch (SetupException fault)
        {
            if (_wearersAreIntact)
                Log.Torn(logger, fault.Message);
            _wearersAreIntact = false;
        }
    }

    bool Confirm(WriteSession session, IReadOnlyList<WearerId> added)
    {
        // Listed or not: of somebody who was erased there is nothing, not even a name.
        foreach (var wearer in added.Where(wearer => !session.Erased.Contains(wearer)))
            session.Execute("UPDATE wearer SET confirmed=1 WHERE id=$id",
                ("$id", session.Names.Wearer(wearer, clock.Now(), confirmed: true)));
        return true;
    }

    static partial class Log
    {
        [LoggerMessage(117, LogLevel.Error, "{Fault} Until then the wearers known before stay.")]
        public static partial void Torn(ILogger logger, string fault);
    }
}
