using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace SpasmStream.Worker.Influx;

/// <summary>What is said to InfluxDB, in the words of its version.</summary>
sealed class InfluxRequests(InfluxOptions options)
{
    static readonly MediaTypeHeaderValue _lines = new("text/plain", "utf-8");

    readonly Uri _address = options.Address();
    readonly AuthenticationHeaderValue? _login = LoginOf(options);

    public HttpRequestMessage Ping() => Request(HttpMethod.Get, "ping");

    public HttpRequestMessage Write(InfluxVersion version, ReadOnlyMemory<byte> lines)
    {
        var (database, bucket) = (Escaped(options.Database), Escaped(options.BucketInUse()));
        var request = Request(HttpMethod.Post, version switch
        {
            InfluxVersion.V1 => $"write?db={database}&precision=ms",
            InfluxVersion.Victoria => $"api/v2/write?db={database}&precision=ms",
            _ => $"api/v2/write?org={Escaped(options.Org ?? "")}&bucket={bucket}&precision=ms",
        });
        request.Content = options.Gzip ? Compressed(lines) : new ReadOnlyMemoryContent(lines);
        request.Content.Headers.ContentType = _lines;
        return request;
    }

    // In the body, so that no log of addresses shows whose samples were asked for.
    public HttpRequestMessage Ask(InfluxQuestion question)
    {
        var request = Request(HttpMethod.Post, "query");
        request.Content = new FormUrlEncodedContent(
        [
            new("db", options.BucketInUse()), new("epoch", "ms"), new("q", question.Text),
            .. question.Parameters is { } bound
                ? (KeyValuePair<string, string>[])[new("params", bound)] : [],
        ]);
        return request;
    }

    /// <summary>Deletes by a tag, as InfluxDB 2 does it.</summary>
    public HttpRequestMessage Delete(string predicateJson)
    {
        var request = Request(HttpMethod.Post,
            $"api/v2/delete?org={Escaped(options.Org ?? "")}&bucket={Escaped(options.BucketInUse())}");
        request.Content = new StringContent(predicateJson, Encoding.UTF8, "application/json");
        return request;
    }

    /// <summary>Deletes the series of a selector, as VictoriaMetrics does it.</summary>
    public HttpRequestMessage DeleteSeries(string selector)
    {
        var request = Request(HttpMethod.Post, "api/v1/admin/tsdb/delete_series");
        request.Content = new FormUrlEncodedContent([new("match[]", selector)]);
        return request;
    }

    HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(_address, path));
        request.Headers.Authorization = _login;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("SpasmStream", "1"));
        return request;
    }

    static ByteArrayContent Compressed(ReadOnlyMemory<byte> lines)
    {
        var packed = new MemoryStream(lines.Length / 8);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(lines.Span);
        var content = new ByteArrayContent(packed.GetBuffer(), 0, (int)packed.Length);
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    static AuthenticationHeaderValue? LoginOf(InfluxOptions options) =>
        options.Token is { Length: > 0 } token ? new AuthenticationHeaderValue("Token", token)
        : options.User is { Length: > 0 } user ? new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}")))
        : null;

    static string Escaped(string text) => Uri.EscapeDataString(text);
}
