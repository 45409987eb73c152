using Dapper;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// The first thing a start does with the file: takes our clock up to what an earlier run saw, and makes
/// everybody in the configuration known, as confirmed.
/// </summary>
sealed class StoreOpening(StoreWriter writer, WearerDirectory directory, ArrivalClock clock) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => writer.RunAsync(session =>
    {
        if (session.Connection.ExecuteScalar<long?>("SELECT last FROM clock") is { } last)
            clock.NotBefore(Ms.ToInstant(last));
        foreach (var wearer in directory.Listed)
            if (!session.Erased.Contains(wearer))
                session.Names.Wearer(wearer, clock.Now(), confirmed: true);
        return true;
    }, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
