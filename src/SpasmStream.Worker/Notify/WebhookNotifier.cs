using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Posts announcements to a web address, signed: an answer of 200 to 299 is the receipt. Five seconds and
/// 64 KiB are all a receiver gets.
/// </summary>
sealed class WebhookNotifier : INotifier, IDisposable
{
    /// <summary>For all of it: the look-up, the connection, the request and the answer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    const int AnswerMost = 64 * 1024;

    readonly WebhookOptions _options;
    readonly WearerDirectory _wearers;
    readonly TimeProvider _time;
    readonly HttpMessageInvoker _http;
    readonly Uri _url;
    readonly byte[] _secret;

    public WebhookNotifier(
        WebhookOptions options, WearerDirectory wearers, TimeProvider time, Resolve resolve)
    {
        (_options, _wearers, _time) = (options, wearers, time);
        _http = new HttpMessageInvoker(new WebhookDoor(options.AllowedHosts, resolve).Open());
        _url = new Uri(options.Url);
        _secret = options.ReadSecret();
    }

    public string Channel => _options.Name;

    public bool IsOpen => true;

    public Task<SendAnswer> SendAsync(OutboxRow row, CancellationToken cancellationToken) =>
        PostAsync(row.Key, WebhookMessage.Of(
            row, _wearers.ProfileOf(row.Wearer).ZoneAt(row.Announcement.Forecast.Issued), _options),
            cancellationToken);

    public Task<SendAnswer> TestAsync(string key, Instant now, CancellationToken cancellationToken) =>
        PostAsync(key, WebhookMessage.Test(key, now), cancellationToken);

    public void Dispose() => _http.Dispose();

    async Task<SendAnswer> PostAsync(string key, byte[] body, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = Request(key, body);
            using var answer = await _http.SendAsync(request, both.Token);
            return Judge(answer, answer.IsSuccessStatusCode ? await ReadAsync(answer, both.Token) : default);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendAnswer.Failed("no answer within 5 s");
        }
        catch (HttpRequestException fault)
        {
            return fault.GetBaseException() is AddressRefusedException
                ? SendAnswer.Refused("its host is not on the public internet and not in AllowedHosts")
                : SendAnswer.Failed(fault.HttpRequestError.ToString());
        }
    }

    HttpRequestMessage Request(string key, byte[] body)
    {
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("SpasmStream", "1"));
        request.Headers.Add(WebhookSignature.KeyHeader, key);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
        request.Headers.Add(
            WebhookSignature.SignatureHeader, WebhookSignature.Of(_secret, timestamp, body));
        return request;
    }

    SendAnswer Judge(HttpResponseMessage answer, ReadOnlyMemory<byte> body)
    {
        var status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode)
            return SendAnswer.Delivered(WebhookReceipt.Of(status,
                answer.Headers.TryGetValues(WebhookReceipt.Header, out var ids) ? ids.First() : null, body));
        var isPassing = status is >= 500 or (int)HttpStatusCode.RequestTimeout
            or (int)HttpStatusCode.TooManyRequests;
        return isPassing ? SendAnswer.Failed($"status {status}", After(answer))
            : status is >= 300 and < 400 ? SendAnswer.Refused($"status {status}; redirects are not followed")
            : SendAnswer.Refused($"status {status}");
    }

    Duration? After(HttpResponseMessage answer)
    {
        var asked = answer.Headers.RetryAfter;
        return asked?.Delta is { } delta ? Duration.FromTimeSpan(delta)
            : asked?.Date is { } date ? Duration.FromTimeSpan(date - _time.GetUtcNow())
            : null;
    }

    // The receipt is the status; the body may only add an id, so what keeps it from us costs no more than
    // that.
    static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[AnswerMost];
        var length = 0;
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            for (int read; length < buffer.Length
                && (read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0;)
                length += read;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException
            or HttpRequestException)
        {
            return default;
        }

        return buffer.AsMemory(0, length);
    }
}
