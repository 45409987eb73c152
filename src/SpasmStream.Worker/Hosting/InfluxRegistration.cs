using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>Composes the way to InfluxDB; without one, a signal that nobody hears.</summary>
static class InfluxRegistration
{
    public static void AddInflux(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton<CommitSignal>();
        services.AddSingleton<InfluxState>();
        if (!settings.Influx.IsOn)
            return;
        services.AddSingleton(settings.Influx);
        services.AddSingleton<IInfluxLink, InfluxHttp>();
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<InfluxDoor>(provider, (Func<double>)Random.Shared.NextDouble));
        services.AddSingleton(provider => new LineWriter(
            new WearerNames(provider.GetRequiredService<StoreFile>(), settings.Influx.WearerNames).Of));
        services.AddHostedService<Forwarder>();
        services.AddHostedService<CanaryLoop>();
    }
}
