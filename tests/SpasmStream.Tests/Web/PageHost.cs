using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Web;

/// <summary>The real page on a free loopback port, fed by hand.</summary>
sealed class PageHost : IAsyncDisposable
{
    readonly WebApplication _app;

    PageHost(WebApplication app, string url)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(url) };
    }

    public HttpClient Client { get; }

    public Health Health => _app.Services.GetRequiredService<Health>();

    public Heartbeats Heartbeats => _app.Services.GetRequiredService<Heartbeats>();

    public FakeTimeProvider Time => _app.Services.GetRequiredService<FakeTimeProvider>();

    public static Task<PageHost> StartAsync(params IReadOnlyList<WearerToday> wearers) =>
        StartAsync(_ => wearers, []);

    public static async Task<PageHost> StartAsync(
        Func<Instant, IReadOnlyList<WearerToday>> wearers, Dictionary<string, string?> settings)
    {
        // Development would show the stack of an error, if nothing of ours stood before it.
        var environment = new WebApplicationOptions { EnvironmentName = "Development" };
        var builder = WebApplication.CreateBuilder(environment);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>(settings) { ["Web:Url"] = "http://127.0.0.1:0" });
        var time = new FakeTimeProvider(SampleWearers.Now.ToDateTimeOffset());
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.AddWeb();
        builder.Services.AddSingleton(new TodayReader(wearers, () => SampleWearers.Tally, time));
        var app = builder.Build();
        app.MapWeb();
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new PageHost(app, addresses.Addresses.Single());
    }

    /// <summary>The page's HTML.</summary>
    public Task<string> PageAsync() => Client.GetStringAsync("/", TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
