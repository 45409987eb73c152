using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace SpasmStream.Worker.Web;

/// <summary>
/// Stands before every route: strict headers on each answer, only expected host names (a rebound DNS name is
/// refused), and errors as problem+json that tell an id and nothing else.
/// </summary>
sealed partial class SecureResponses(
    RequestDelegate next, WebOptions options, ILogger<SecureResponses> logger)
{
    const string Policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        + "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state => Harden((HttpResponse)state), context.Response);
        if (!IsExpected(context.Request.Host))
        {
            await WriteProblemAsync(context, StatusCodes.Status421MisdirectedRequest, NewId());
            return;
        }
        try
        {
            await next(context);
        }
        catch (Exception error)
            when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // Nothing may escape: the framework's own page would show the stack.
            var id = NewId();
            Log.Failed(logger, error, id);
            context.Response.Clear();
            await WriteProblemAsync(context, StatusCodes.Status500InternalServerError, id);
            return;
        }
        if (context.Response is { StatusCode: >= 400, HasStarted: false })
            await WriteProblemAsync(context, context.Response.StatusCode, NewId());
    }

    bool IsExpected(HostString host)
    {
        var name = host.Host;
        return name is "localhost" or "127.0.0.1" or "[::1]"
            || options.AllowedHosts.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    static Task Harden(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (response.HttpContext.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        return Task.CompletedTask;
    }

    static async Task WriteProblemAsync(HttpContext context, int status, string id)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("type", "about:blank");
        json.WriteString("title", Title(status));
        json.WriteNumber("status", status);
        json.WriteString("id", id);
        json.WriteEndObject();
    }

    static string Title(int status) => status switch
    {
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status405MethodNotAllowed => "Method not allowed",
        StatusCodes.Status421MisdirectedRequest => "Unexpected host name",
        StatusCodes.Status429TooManyRequests => "Too many requests",
        >= 500 => "Something failed; the log has it under this id",
        _ => ((HttpStatusCode)status).ToString(),
    };

    static string NewId() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    static partial class Log
    {
        [LoggerMessage(600, LogLevel.Error, "The page failed under id {Id}.")]
        public static partial void Failed(ILogger logger, Exception error, string id);
    }
}
