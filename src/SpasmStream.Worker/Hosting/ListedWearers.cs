using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>Makes everybody in the configuration known to the file, as confirmed.</summary>
sealed class ListedWearers(StoreWriter writer, WearerDirectory directory, ArrivalClock clock) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => writer.RunAsync(session =>
    {
        foreach (var wearer in directory.Listed)
            session.Names.Wearer(wearer, clock.Now(), confirmed: true);
        return true;
    }, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
