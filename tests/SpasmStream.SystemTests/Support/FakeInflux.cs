using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Support;

/// <summary>A request as it came.</summary>
sealed record InfluxRequest(string Path, string Query, string Authorization, string Encoding, byte[] Body);

/// <summary>An InfluxDB that answers as a test says: statuses, headers, bodies, and how slowly.</summary>
sealed class FakeInflux : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly Func<HttpContext, InfluxRequest, Task> _answer;
    readonly ConcurrentQueue<InfluxRequest> _requests = [];
    int _connections;

    FakeInflux(WebApplication app, Func<HttpContext, InfluxRequest, Task> answer) =>
        (_app, _answer) = (app, answer);

    public string Url { get; private set; } = "";

    public InfluxOptions Options => new() { Url = Url, Database = "t", Version = InfluxVersion.V1 };

    public IReadOnlyCollection<InfluxRequest> Requests => _requests;

    public IEnumerable<InfluxRequest> Writes =>
        _requests.Where(it => it.Path.EndsWith("/write", StringComparison.Ordinal));

    /// <summary>Connections that are open now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public static async Task<FakeInflux> StartAsync(Func<HttpContext, InfluxRequest, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        FakeInflux? fake = null;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, port =>
            port.Use(next => async connection =>
            {
                Interlocked.Increment(ref fake!._connections);
                try
                {
                    await next(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref fake._connections);
                }
            })));
        var app = builder.Build();
        fake = new FakeInflux(app, answer);
        app.Run(fake.TakeAsync);
        await app.StartAsync();
        fake.Url = app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        return fake;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new InfluxRequest(context.Request.Path, context.Request.QueryString.Value ?? "",
            context.Request.Headers.Authorization.ToString(),
            context.Request.Headers.ContentEncoding.ToString(), body.ToArray());
        _requests.Enqueue(request);
        await _answer(context, request);
    }
}
