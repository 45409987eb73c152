using System.Text.Json;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>Composes what is told of how the worker does: metrics, and health with its reasons.</summary>
static class TelemetryRegistration
{
    const string Metrics = "/metrics", Reasons = "/health";

    static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    public static void AddTelemetry(this IServiceCollection services, Settings settings)
    {
        services.AddMetrics();
        services.AddSingleton<Timings>();
        services.AddSingleton<ClockState>();
        services.AddSingleton<HealthReport>();
        var (isServed, otlp) = (IsServed(settings), settings.Telemetry.OtlpAddress());
        if (!isServed && otlp is null)
            return;
        services.AddSingleton(provider => new Ledger(
            provider.GetRequiredService<StoreFile>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkerMeter>();
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            // Not the machine's name and no id of its own: what is said here may leave the house.
            metrics.SetResourceBuilder(ResourceBuilder.CreateEmpty()
                    .AddService("spasmstream", autoGenerateServiceInstanceId: false))
                .AddMeter(Timings.Meter, "Polly", "System.Runtime");
            if (isServed)
                metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
            if (otlp is not null)
                metrics.AddOtlpExporter((exporter, reader) =>
                {
                    (exporter.Endpoint, exporter.Protocol) = (otlp, OtlpExportProtocol.HttpProtobuf);
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                        settings.Telemetry.OtlpSeconds * 1000;
                });
        });
    }

    /// <summary>Maps /metrics and /health behind their door; begins to measure.</summary>
    public static void MapTelemetry(this WebApplication app, Settings settings)
    {
        app.Services.GetService<WorkerMeter>();
        if (!settings.Web.Enabled)
            return;
        var door = new TelemetryDoor(settings.Telemetry, settings.Web);
        app.MapMethods(Reasons, [HttpMethods.Get, HttpMethods.Head], context => TellAsync(context, door));
        if (!settings.Telemetry.Metrics)
            return;
        app.Use((context, next) => context.Request.Path.StartsWithSegments(Metrics)
            ? door.GuardAsync(context, next) : next(context));
        app.MapPrometheusScrapingEndpoint(Metrics);
    }

    static bool IsServed(Settings settings) => settings.Web.Enabled && settings.Telemetry.Metrics;

    // Whoever may not hear the reasons hears what the other two routes say.
    static Task TellAsync(HttpContext context, TelemetryDoor door)
    {
        var services = context.RequestServices;
        var health = services.GetRequiredService<Health>();
        var (isLive, isReady) = (health.IsLive, health.IsReady);
        context.Response.StatusCode =
            isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return door.IsOpenTo(context)
            ? context.Response.WriteAsJsonAsync(new
            {
                Live = isLive, Ready = isReady,
                Reasons = services.GetRequiredService<HealthReport>().Reasons(),
            }, _json, context.RequestAborted)
            : context.Response.WriteAsJsonAsync(
                new { Live = isLive, Ready = isReady }, _json, context.RequestAborted);
    }
}
