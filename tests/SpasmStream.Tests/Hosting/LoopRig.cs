using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Hosting;

/// <summary>The worker as it is composed: a test starts the loops it wants; no port opens.</summary>
sealed class LoopRig : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly WebApplication _app;
    readonly List<BackgroundService> _started = [];

    public LoopRig(TimeProvider time, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Store:Directory"] = _folder.At("data"),
            ["Web:Enabled"] = "false",
            ["Logging:LogLevel:Default"] = "None",
            ["Wearers:0:Id"] = "ada",
            ["Wearers:0:Zone"] = "Europe/Berlin",
            ["Notify:Webhooks:0:Url"] = "https://hooks.example.org/",
            ["Notify:Webhooks:0:Secret"] = "a secret of these tests alone",
            // Nobody listens there.
            ["Broker:Port"] = "9",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        var (loaded, configuration) = Settings.Load(null, all);
        _app = WorkerHost.Build(loaded, configuration, time);
        Loops = [.. _app.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
    }

    /// <summary>Every loop of the worker but the store's writer, which runs already.</summary>
    public IReadOnlyList<BackgroundService> Loops { get; }

    public Health Health => Get<Health>();

    public IReadOnlyList<(string Loop, TimeSpan Since)> Beats => [.. Get<Heartbeats>().All.Order()];

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task StartAsync(BackgroundService loop)
    {
        await loop.StartAsync(TestContext.Current.CancellationToken);
        _started.Add(loop);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await Task.WhenAll(_started.Select(loop => loop.StopAsync(patience.Token)));
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
