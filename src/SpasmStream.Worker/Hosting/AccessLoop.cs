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
    ArrivalClock clock, AccessState state, Heartbeats heartbeats, TimeProvider time,
    ILogger<AccessLoop> logger) : BackgroundService
{
    const string Loop = "access";

    readonly WearerFile _file = new(settings.Store.Directory);
    readonly WatchedFile _watched = new(new WearerFile(settings.Store.Directory).Path, time);

    // There is neither with an external broker.
    readonly Accounts? _accounts = rooms.GetService<Accounts>();
    readonly EmbeddedBroker? _broker = rooms.GetService<EmbeddedBroker>();
    bool _wearersAreIntact = true;

    // The disk may keep a writer waiting, and nobody whose account was revoked may stay meanwhile.
    Task _confirming = Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        heartbeats.Beat(Loop);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                heartbeats.Beat(Loop);
                _accounts?.Refresh();
                if (_broker is not null)
                    await _broker.DropChangedAsync();
                if (_watched.MayHaveChanged() || !_wearersAreIntact)
                    Relist(stoppingToken);
                if (_confirming.IsFaulted)
                    await _confirming;
                state.IsIntact = _wearersAreIntact && _accounts?.IsIntact != false;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    void Relist(CancellationToken stoppingToken)
    {
        try
        {
            _file.Close();
            var added = directory.Relist(_file.Merge(settings.Wearers));
            _wearersAreIntact = true;
            if (added.Count > 0)
                _confirming = ConfirmAsync(_confirming, added, stoppingToken);
        }
        // Whatever is the matter with the file, those who are listed stay.
        catch (Exception fault)
        {
            if (_wearersAreIntact)
                Log.Torn(logger, fault is SetupException ? fault.Message
                    : $"The wearers in {_file.Path} cannot be read ({fault.GetType().Name}).");
            _wearersAreIntact = false;
        }
    }

    async Task ConfirmAsync(Task before, IReadOnlyList<WearerId> added, CancellationToken stoppingToken)
    {
        await before;
        await writer.RunAsync(session => Confirm(session, added), stoppingToken);
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
