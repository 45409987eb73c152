using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SpasmStream.SystemTests.Support;

/// <summary>A request as it came, and whether it kept what the page about the wire format says.</summary>
sealed record Post(int Number, string Path, string Host, string Key, string Timestamp, string Body,
    bool IsGenuine, CancellationToken Aborted);

/// <summary>
/// A receiver as the page about the wire format wants it: it refuses what is not signed or is old, and acts
/// once on a key. What it answers then is the test's.
/// </summary>
sealed class WebhookReceiver : IAsyncDisposable
{
    public const string Secret = "a secret of these tests alone";
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan _old = TimeSpan.FromMinutes(5);

    readonly WebApplication _app;
    readonly Channel<Post> _posts = Channel.CreateUnbounded<Post>();
    readonly ConcurrentDictionary<string, int> _effects = new();
    readonly TimeProvider _time;
    readonly Func<HttpContext, Post, Task> _answer;
    int _count;

    WebhookReceiver(WebApplication app, TimeProvider time, Func<HttpContext, Post, Task>? answer)
    {
        (_app, _time) = (app, time);
        _answer = answer ?? ((context, post) =>
            context.Response.WriteAsync($$"""{"id":"m-{{post.Number}}"}"""));
    }

    public string Url { get; private set; } = "";

    public int Port => new Uri(Url).Port;

    /// <summary>Keys that were acted on, each with how often it was asked for.</summary>
    public IReadOnlyDictionary<string, int> Effects => _effects;

    public static async Task<WebhookReceiver> StartAsync(
        TimeProvider time, Func<HttpContext, Post, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(app, time, answer);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Url = app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook";
        return receiver;
    }

    /// <summary>The next request; it may not have been answered yet.</summary>
    public async Task<Post> NextAsync()
    {
        using var stop = new CancellationTokenSource(_patience);
        return await _posts.Reader.ReadAsync(stop.Token);
    }

    /// <summary>How many requests nobody has asked for yet.</summary>
    public int Waiting => _posts.Reader.Count;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers;
        var timestamp = headers["X-SpasmStream-Timestamp"].ToString();
        var post = new Post(Interlocked.Increment(ref _count), context.Request.Path,
            context.Request.Host.Value!, headers["Idempotency-Key"].ToString(), timestamp, body,
            IsGenuine(timestamp, headers["X-SpasmStream-Signature"].ToString(), body),
            context.RequestAborted);
        if (post.IsGenuine)
            _effects.AddOrUpdate(post.Key, 1, (_, count) => count + 1);
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        await _posts.Writer.WriteAsync(post);
        if (post.IsGenuine)
            await _answer(context, post);
    }

    bool IsGenuine(string timestamp, string signature, string body)
    {
        if (!long.TryParse(timestamp, out var seconds)
            || (_time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > _old)
            return false;
        var expected = "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(timestamp + "." + body)));
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature));
    }
}
