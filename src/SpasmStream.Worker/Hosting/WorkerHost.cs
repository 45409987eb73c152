using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>Composes the rooms into a process.</summary>
static class WorkerHost
{
    /// <param name="settings">What the rooms are told.</param>
    /// <param name="configuration">Where that came from.</param>
    /// <param name="time">Our own time; null for the machine's.</param>
    public static WebApplication Build(
        Settings settings, IConfiguration configuration, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        // What keeps us from starting, or ends us, is told by the verb, once, and not by the host.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Polly", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        // With the second that the store gives its last jobs below docker's and systemd's patience, which is
        // ten at least; nothing depends on a clean end.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(8));
        builder.Services.AddSystemd();
        // After systemd's, which is not told what a line break is.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(
            options => options.FormatterName = LineFormatter.FormatterName);
        AddShared(builder.Services, settings, time ?? TimeProvider.System);

        // Rooms start top to bottom and stop bottom to top: each is open before the one that feeds it.
        builder.Services.AddNotify(settings);
        AddStore(builder.Services, settings);
        builder.Services.AddHostedService<StoreOpening>();
        builder.Services.AddHostedService<GapLoop>();
        builder.Services.AddInflux(settings);
        AddAssess(builder.Services);
        builder.Services.AddHostedService<Pipeline>();
        AddDoors(builder.Services, settings);
        AddPage(builder, settings);
        builder.Services.AddTelemetry(settings);
        builder.Services.AddHostedService<RetentionLoop>();
        builder.Services.AddSingleton<Watchdog>();
        builder.Services.AddHostedService<HealthLoop>();
        var app = builder.Build();
        app.MapWeb();
        app.MapTelemetry(settings);
        return app;
    }

    /// <summary>Starts all rooms; when one cannot, those already open are closed before it is told.</summary>
    public static async Task StartWholeAsync(WebApplication app, CancellationToken cancellationToken)
    {
        // Made before anything starts: what cannot be made, over a foreign file say, needs no stopping.
        _ = app.Services.GetServices<IHostedService>().ToList();
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            // A failed start leaves the loops running, over services that are about to be disposed of.
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    static void AddShared(IServiceCollection services, Settings settings, TimeProvider time)
    {
        services.AddSingleton(settings);
        services.AddSingleton(time);
        services.AddSingleton(Random.Shared);
        services.AddSingleton<ArrivalClock>();
        services.AddSingleton<Heartbeats>();
        services.AddSingleton<InternalAccount>();
        services.AddSingleton(Options.Create(settings.Intake));
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<Reception>();
        services.AddSingleton<WireDecoder>();
        services.AddSingleton(new WearerDirectory(settings.ListedWearers(), settings.AdmitsStrangers));
    }

    static void AddStore(IServiceCollection services, Settings settings)
    {
        services.AddSingleton(settings.Store);
        services.AddSingleton(StoreFile.Of(settings.Store));
        services.AddSingleton(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var logger = provider.GetRequiredService<ILogger<StoreWriter>>();
            return new StoreWriter(provider.GetRequiredService<StoreFile>(), settings.Store, time,
                StoreDoor.Build(time, logger), logger, provider.GetRequiredService<Timings>());
        });
        // A decoder of its own: it keeps what it has seen, and is for one thread.
        services.AddSingleton(provider => new ForwardQueue(provider.GetRequiredService<StoreFile>(),
            provider.GetRequiredService<StoreWriter>(), EntryReading.With(new WireDecoder()),
            SampleWriting.Of));
        services.AddSingleton(new SecurityLog(settings.Store.Directory));
        services.AddSingleton<CapEvents>();
        services.AddSingleton<IJournal, SqliteJournal>();
        services.AddSingleton(provider =>
        {
            var file = provider.GetRequiredService<StoreFile>();
            var time = provider.GetRequiredService<TimeProvider>();
            return new DiskGauge(settings.Store, () => StoreUse.Measure(file),
                settings.Store.ForwardTarget is null ? null
                    : () => ForwardBacklog.Measure(file, time.GetUtcNow().ToUnixTimeMilliseconds()));
        });
        services.AddSingleton<Outbox>();
    }

    static void AddAssess(IServiceCollection services)
    {
        services.AddSingleton<AssessQueue>();
        services.AddSingleton<AssessState>();
        // A decoder of its own: it keeps what it has seen, and is for one thread.
        services.AddSingleton<ReadEntry>(_ => EntryReading.With(new WireDecoder()));
        services.AddHostedService<AssessLoop>();
    }

    static void AddPage(WebApplicationBuilder builder, Settings settings)
    {
        builder.AddWeb();
        builder.Services.AddSingleton(provider => new TodayQueries(provider.GetRequiredService<StoreFile>(),
            provider.GetRequiredService<WearerDirectory>(), EntryReading.With(new WireDecoder())));
        builder.Services.AddSingleton(provider =>
        {
            var queries = provider.GetRequiredService<TodayQueries>();
            var intake = provider.GetRequiredService<IntakeState>();
            var influx = provider.GetRequiredService<InfluxState>();
            var disk = provider.GetRequiredService<DiskGauge>();
            var (file, time) = (provider.GetRequiredService<StoreFile>(),
                provider.GetRequiredService<TimeProvider>());
            return new TodayReader(
                queries.Wearers, () => queries.Tally() with { Store = Use(file, disk, time) }, time,
                () => Links(settings.UsesEmbeddedBroker ? "" : intake.Words(), influx.Words()));
        });
    }

    static string? Links(string broker, string influx) =>
        $"{broker} {influx}".Trim() is { Length: > 0 } words ? words : null;

    static StoreToday Use(StoreFile file, DiskGauge disk, TimeProvider time) => new(
        disk.Held, (int)(disk.Fullness * 100),
        StoreUse.Growth(file, NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()))?.DaysUntil(disk.Left));

    static void AddDoors(IServiceCollection services, Settings settings)
    {
        services.AddSingleton<IntakeState>();
        services.AddSingleton<AccessState>();
        services.AddHostedService<AccessLoop>();
        if (settings.UsesEmbeddedBroker)
        {
            services.AddSingleton(Options.Create(settings.Broker));
            services.AddSingleton<Accounts>();
            services.AddSingleton<PasswordCheck>();
            services.AddSingleton<LoginLimits>();
            services.AddSingleton<SecurityJournal>();
            services.AddSingleton<Login>();
            services.AddSingleton<Inlet>();
            services.AddSingleton(provider => NotifyRegistration.KeptBy(
                settings, provider.GetRequiredService<StoreFile>()));
            services.AddSingleton<EmbeddedBroker>();
            services.AddHostedService(provider => provider.GetRequiredService<EmbeddedBroker>());
        }
        else
        {
            services.AddSingleton(Options.Create(settings.Mqtt));
            services.AddSingleton(provider => SessionBook.In(provider.GetRequiredService<StoreFile>(),
                provider.GetRequiredService<StoreWriter>(), Options.Create(settings.Mqtt),
                provider.GetRequiredService<ArrivalClock>()));
            services.AddSingleton(provider => MqttLink.Opening(Options.Create(settings.Mqtt),
                provider.GetRequiredService<DeliveryQueue>(), provider.GetRequiredService<Reception>(),
                provider.GetRequiredService<TimeProvider>()));
            services.AddHostedService<MqttIntake>();
        }
    }
}
