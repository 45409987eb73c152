using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>
/// The whole worker inside the test's process, so that the test can speak as the worker itself and turn the
/// things it would wait for.
/// </summary>
sealed class BrokerRig : IAsyncDisposable
{
    readonly TempFolder _folder;
    readonly WebApplication _app;

    BrokerRig(TempFolder folder, Settings settings, WebApplication app, int tlsPort) =>
        (_folder, Settings, _app, TlsPort) = (folder, settings, app, tlsPort);

    public Settings Settings { get; }

    public int Port => Settings.Broker.Port;

    public int TlsPort { get; }

    public DeviceAccounts Devices => new(Settings, TimeProvider.System);

    public SecurityLog Log => new(Settings.Store.Directory);

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<BrokerRig> StartAsync(params (string Key, string Value)[] settings)
    {
        var folder = new TempFolder();
        var tlsPort = FreePort.Next();
        var all = new Dictionary<string, string?>
        {
            ["Store:Directory"] = folder.At("data"),
            ["Web:Enabled"] = "false",
            ["Notify:Mqtt"] = "false",
            ["Broker:Port"] = $"{FreePort.Next()}",
            ["Broker:TlsPort"] = $"{tlsPort}",
            ["Logging:LogLevel:Default"] = "None",
            ["Wearers:0:Id"] = "ada",
            ["Wearers:0:Zone"] = "Europe/Berlin",
            ["Wearers:1:Id"] = "bob",
            ["Wearers:1:Zone"] = "Europe/Berlin",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        var (loaded, configuration) = Settings.Load(null, all);
        var app = WorkerHost.Build(loaded, configuration);
        await WorkerHost.StartWholeAsync(app, TestContext.Current.CancellationToken);
        return new BrokerRig(folder, loaded, app, tlsPort);
    }

    /// <summary>A connection as the worker itself, who alone publishes what goes out.</summary>
    public Task<RawMqtt> WorkerAsync() =>
        RawMqtt.ConnectAsync(Port, "worker:test", "worker", Get<InternalAccount>().Password);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
