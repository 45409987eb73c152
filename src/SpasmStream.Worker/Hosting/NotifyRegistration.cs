using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>Composes the ways out: a dispatcher for each channel.</summary>
static class NotifyRegistration
{
    public static void AddNotify(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(Options.Create(settings.Notify));
        services.AddSingleton(settings.Notify.ToChannels());
        services.AddHostedService<OutboxExpiry>();
        if (settings.Notify.Mqtt)
        {
            services.AddSingleton(provider => OutTargetOf(
                settings, provider.GetRequiredService<InternalAccount>().Password));
            services.AddSingleton<MqttNotifier>();
            services.AddHostedService(provider => provider.GetRequiredService<MqttNotifier>());
            services.AddDispatcher(provider => provider.GetRequiredService<MqttNotifier>());
        }

        foreach (var webhook in settings.Notify.Webhooks)
            services.AddDispatcher(provider => new WebhookNotifier(webhook,
                provider.GetRequiredService<WearerDirectory>(), provider.GetRequiredService<TimeProvider>(),
                WebhookDoor.ResolveHere));
    }

    /// <summary>
    /// The channels that can be tried without a worker. The embedded broker is none: it lives in the worker.
    /// </summary>
    public static IReadOnlyList<INotifier> ToTry(Settings settings)
    {
        var channels = new List<INotifier>();
        if (settings.Notify.Mqtt && !settings.UsesEmbeddedBroker)
            channels.Add(new MqttNotifier(OutTargetOf(settings, ""), StoreFile.Of(settings.Store),
                Options.Create(settings.Notify), new Heartbeats(TimeProvider.System), TimeProvider.System,
                NullLogger<MqttNotifier>.Instance));
        var wearers = new WearerDirectory(settings.ListedWearers(), settings.AdmitsStrangers);
        foreach (var webhook in settings.Notify.Webhooks)
            channels.Add(new WebhookNotifier(
                webhook, wearers, TimeProvider.System, WebhookDoor.ResolveHere));
        return channels;
    }

    /// <summary>What the embedded broker retains for us before we have connected to it.</summary>
    public static KeptMessages KeptBy(Settings settings, StoreFile file) => () =>
        settings.Notify.Mqtt ? [.. MqttNotifier.Retained(file)
            .Select(it => new KeptMessage(it.Topic, it.Payload))] : [];

    static OutTarget OutTargetOf(Settings settings, string ownPassword) => settings.UsesEmbeddedBroker
        ? new OutTarget(BrokerEndpoints.OwnHost(settings.Broker), settings.Broker.Port,
            InternalAccount.User + ":out", InternalAccount.User, ownPassword, Tls: null)
        : new OutTarget(settings.Mqtt.Host!, settings.Mqtt.Port, settings.Mqtt.ClientId + "-out",
            settings.Mqtt.User, settings.Mqtt.Password, settings.Mqtt.TlsInUse())
        {
            KeepAliveSeconds = settings.Mqtt.KeepAliveSeconds,
        };

    // Not AddHostedService: it takes one of each type.
    static void AddDispatcher(
        this IServiceCollection services, Func<IServiceProvider, INotifier> notifier) =>
        services.AddSingleton<IHostedService>(provider =>
            ActivatorUtilities.CreateInstance<Dispatcher>(provider, notifier(provider)));
}
