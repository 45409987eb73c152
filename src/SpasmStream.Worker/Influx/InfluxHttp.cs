using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// InfluxDB by HTTP: one request, one answer, ten seconds for all of it. No redirects, no proxy of the
/// environment, no cookies; what is answered is read up to a limit and shown to nobody.
/// </summary>
sealed class InfluxHttp : IInfluxLink, IDisposable
{
    /// <summary>For the connection alone.</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>For all of it: the connection, the request and the answer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The most that is read of an answer to a write.</summary>
    public const int AnswerMost = 64 * 1024;

    /// <summary>The most that is read of an answer to a question.</summary>
    public const int RowsMost = 2 * 1024 * 1024;

    readonly InfluxOptions _options;
    readonly InfluxRequests _requests;
    readonly TimeProvider _time;
    readonly HttpMessageInvoker _http;
    InfluxVersion _version;

    public InfluxHttp(InfluxOptions options, TimeProvider time)
    {
        (_options, _time, _version) = (options, time, options.Version);
        _requests = new InfluxRequests(options);
        _http = new HttpMessageInvoker(Open(options));
    }

    public async Task<InfluxAnswer> WriteAsync(
        ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var version = await VersionAsync(cancellationToken);
        if (version.Fault is { } fault)
            return fault;
        var answer = (await SendAsync(_requests.Write(version.Is, lines), AnswerMost, cancellationToken))
            .Answer;
        // Another program may stand there now; it is asked again.
        if (answer.Status == 404 && _options.Version == InfluxVersion.Auto
            && answer.Text.Contains("page not found", StringComparison.Ordinal))
            _version = InfluxVersion.Auto;
        return answer;
    }

    public async Task<CanaryAnswer> ReadCanaryAsync(long at, CancellationToken cancellationToken)
    {
        var version = await VersionAsync(cancellationToken);
        // VictoriaMetrics answers every question with a list of its databases.
        if (version.Fault is not null || version.Is == InfluxVersion.Victoria)
            return CanaryAnswer.Unknown;
        var reply = await AskAsync(InfluxQuestion.Canary(at), cancellationToken);
        return reply.Fault is not null ? CanaryAnswer.Unknown
            : reply.Rows.Count > 0 ? CanaryAnswer.Found : CanaryAnswer.Missing;
    }

    public async Task<InfluxAnswer> CreateAsync(CancellationToken cancellationToken)
    {
        var version = await VersionAsync(cancellationToken);
        if (version.Fault is { } fault)
            return fault;
        // Elsewhere it is made by the first write, or by nobody but an administrator.
        if (version.Is != InfluxVersion.V1)
            return new InfluxAnswer((int)HttpStatusCode.MethodNotAllowed);
        var reply = await AskAsync(InfluxQuestion.Create(_options.Database), cancellationToken);
        // A question is answered with 200 and words, one that fails too: what they say is known here.
        return reply.Answer.Status != 200 ? reply.Answer
            : new InfluxAnswer((int)(reply.Fault is null ? HttpStatusCode.OK : HttpStatusCode.Forbidden));
    }

    /// <summary>Asks in InfluxQL; only what is constant or bound stands in a question.</summary>
    public async Task<InfluxReply> AskAsync(InfluxQuestion question, CancellationToken cancellationToken)
    {
        var (answer, body) = await SendAsync(_requests.Ask(question), RowsMost, cancellationToken);
        return InfluxReply.Of(answer, body);
    }

    /// <summary>Sends a request of another kind.</summary>
    public async Task<InfluxAnswer> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        (await SendAsync(request, AnswerMost, cancellationToken)).Answer;

    /// <summary>Which it is, as set or as it says; why not, when it does not answer.</summary>
    public async Task<(InfluxVersion Is, InfluxAnswer? Fault)> VersionAsync(
        CancellationToken cancellationToken)
    {
        if (_version == InfluxVersion.Auto)
        {
            var (answer, said) = await TryAsync(_requests.Ping(), AnswerMost, cancellationToken);
            if (answer.Status is 0 or AnswerSort.NotTrusted or >= 500)
                return (InfluxVersion.Auto, answer);
            _version = InfluxPing.VersionOf(said, _options);
        }

        return (_version, null);
    }

    public void Dispose() => _http.Dispose();

    async Task<(InfluxAnswer Answer, ReadOnlyMemory<byte> Body)> SendAsync(
        HttpRequestMessage request, int most, CancellationToken cancellationToken)
    {
        var (answer, said) = await TryAsync(request, most, cancellationToken);
        return (answer, said?.Body ?? default);
    }

    async Task<(InfluxAnswer Answer, InfluxSaid? Said)> TryAsync(
        HttpRequestMessage request, int most, CancellationToken cancellationToken)
    {
        using var sent = request;
        using var limit = new CancellationTokenSource(Limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(sent, both.Token);
            var said = await InfluxSaid.ReadAsync(response, most, both.Token);
            return (said.ToAnswer(_time.GetUtcNow()), said);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (new InfluxAnswer(0), null);
        }
        catch (HttpRequestException fault)
            when (fault.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return (new InfluxAnswer(AnswerSort.NotTrusted), null);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return (new InfluxAnswer(0), null);
        }
    }

    static SocketsHttpHandler Open(InfluxOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // Nothing is inflated, so nothing can blow up: we never ask for a compressed answer.
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectLimit,
            MaxConnectionsPerServer = 2,
            MaxResponseHeadersLength = 16,
            // An address may change behind its name.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.ReadTrusted() is { } trusted)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(trusted);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return handler;
    }
}
