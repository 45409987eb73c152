using System.Net;
using System.Security.Cryptography;
using System.Text;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Who may read metrics and reasons: whoever shows the token, or, where there is none, this machine itself
/// and not through a proxy.
/// </summary>
sealed class TelemetryDoor(TelemetryOptions options, WebOptions web)
{
    const string Scheme = "Bearer ";

    static readonly string[] _proxied = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    // Of hashes: neither the token's length nor where another one differs can be measured.
    readonly byte[]? _token = options.ReadToken() is { } token ? Hash(token) : null;

    public bool AsksForToken => _token is not null;

    public bool IsOpenTo(HttpContext context) =>
        _token is { } token ? Shows(context.Request, token) : IsHere(context);

    /// <summary>Turns away whoever may not.</summary>
    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (IsOpenTo(context))
            return next(context);
        if (AsksForToken)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        context.Response.StatusCode =
            AsksForToken ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    static bool Shows(HttpRequest request, byte[] token) =>
        request.Headers.Authorization is [{ } said]
        && said.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(said[Scheme.Length..].Trim()), token);

    // A proxy on this machine comes from loopback too, and may say nothing of whom it asks for.
    bool IsHere(HttpContext context) =>
        !web.LoginInFront
        && context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && context.Request.Host.Host is ("localhost" or "127.0.0.1" or "[::1]")
        && !_proxied.Any(context.Request.Headers.ContainsKey);

    static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
