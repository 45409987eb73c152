using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>Composes the way to InfluxDB; nothing but a signal that nobody hears when there is none.</summary>
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
        services.AddSingleton<Func<double>>(Random.Shared.NextDouble);
        services.AddSingleton<InfluxDoor>();
        services.AddSingleton(provider => new LineWriter(
            new WearerNames(provider.GetRequiredService<StoreFile>(), settings.Influx.WearerNames).Of));
        services.AddHostedService<Forwarder>();
        services.AddHostedService<CanaryLoop>();
    }
}
