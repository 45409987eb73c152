using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SpasmStream.Worker.Web;

/// <summary>Adds the page; whoever composes the process registers a <see cref="TodayReader"/>.</summary>
static class WebRegistration
{
    /// <summary>Adds the room; an <see cref="InvalidOperationException"/> names a bad setting.</summary>
    public static WebApplicationBuilder AddWeb(this WebApplicationBuilder builder)
    {
        var options = new WebOptions();
        builder.Configuration.Bind(WebOptions.Section, options);
        if (options.Fault() is { } fault)
            throw new InvalidOperationException(fault);

        builder.Services.AddSingleton(options);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<Heartbeats>();
        builder.Services.AddSingleton<Health>();
        if (!options.Enabled)
        {
            builder.Services.AddSingleton<IServer, NoServer>();
            return builder;
        }

        builder.Services.AddSingleton<PageRenderer>();
        builder.Services.AddRateLimiter(limiter => Limit(limiter, options.RequestsPerMinute));
        builder.WebHost.UseUrls(options.Url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 200;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        return builder;
    }

    /// <summary>Maps the page, its files and the health routes; nothing when the room is disabled.</summary>
    public static WebApplication MapWeb(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<WebOptions>();
        if (!options.Enabled)
            return app;

        app.UseMiddleware<SecureResponses>(options);
        app.UseRateLimiter();
        app.UseRouting();

        Get(app, "/", async context =>
        {
            var view = context.RequestServices.GetRequiredService<TodayReader>().Read();
            var hold = context.Request.Query.ContainsKey("hold");
            var page = await context.RequestServices.GetRequiredService<PageRenderer>()
                .RenderAsync(view, hold, options.RefreshInterval);
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(page, context.RequestAborted);
        });
        MapAsset(app, "app.css", "text/css; charset=utf-8");
        MapAsset(app, "live.js", "text/javascript; charset=utf-8");
        MapAsset(app, "icon.svg", "image/svg+xml");

        var health = app.Services.GetRequiredService<Health>();
        Get(app, "/health/live", context => WriteHealthAsync(context, "live", health.IsLive));
        Get(app, "/health/ready", context => WriteHealthAsync(context, "ready", health.IsReady));
        return app;
    }

    static void Get(WebApplication app, string route, RequestDelegate answer) =>
        app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], answer);

    // The files travel inside the assembly: the page looks the same from whatever folder it was started.
    static void MapAsset(WebApplication app, string name, string contentType)
    {
        using var stream = typeof(WebRegistration).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly was built without {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        Get(app, "/" + name, context =>
        {
            context.Response.ContentType = contentType;
            context.Response.ContentLength = bytes.Length;
            return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
        });
    }

    static Task WriteHealthAsync(HttpContext context, string name, bool value)
    {
        var response = context.Response;
        response.StatusCode = value ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "application/json";
        return response.WriteAsync($"{{\"{name}\":{(value ? "true" : "false")}}}", context.RequestAborted);
    }

    static void Limit(Microsoft.AspNetCore.RateLimiting.RateLimiterOptions limiter, int perMinute)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = static (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "60";
            return ValueTask.CompletedTask;
        };
        var window = new FixedWindowRateLimiterOptions
        {
            PermitLimit = perMinute,
            Window = TimeSpan.FromMinutes(1),
        };
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => window));
    }
}
