using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Hosting;

/// <summary>What is told of how the worker does. Nobody is named in it.</summary>
sealed class TelemetryOptions
{
    const int TokenLeast = 16, TokenFileMost = 4096;

    /// <summary>Whether the page's port answers /metrics, for Prometheus. The default is true.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>
    /// What has to be shown to read /metrics, and the reasons on /health; 16 characters or more. The default
    /// is none: then only this machine may, and nobody once a proxy stands in front.
    /// </summary>
    [Secret]
    public string? Token { get; set; }

    /// <summary>A file that holds it, in place of Token. The default is none.</summary>
    public string? TokenFile { get; set; }

    /// <summary>
    /// Where metrics are sent to by OTLP over HTTP, such as http://127.0.0.1:4318. The default is none.
    /// </summary>
    public string? OtlpUrl { get; set; }

    /// <summary>Seconds from one sending to the next. The default is 60.</summary>
    [Range(1, 3600)]
    public int OtlpSeconds { get; set; } = 60;

    /// <summary>The token in force; null for none.</summary>
    public string? ReadToken() =>
        TokenFile is { Length: > 0 } ? File.ReadAllText(TokenFile).TrimEnd('\r', '\n')
        : Token is { Length: > 0 } ? Token : null;

    /// <summary>Where exactly metrics are sent to; null for nowhere.</summary>
    public Uri? OtlpAddress() => string.IsNullOrEmpty(OtlpUrl) ? null
        : new Uri(OtlpUrl) is { AbsolutePath: "/" } bare ? new Uri(bare, "v1/metrics") : new Uri(OtlpUrl);

    /// <summary>What does not fit together, each fault in one line that begins with its key.</summary>
    public IEnumerable<string> Faults()
    {
        if (TokenFault() is { } token)
            yield return $"Telemetry:{token}";
        if (OtlpUrl is { Length: > 0 } && OtlpFault(OtlpUrl) is { } otlp)
            yield return $"Telemetry:OtlpUrl: {otlp}";
    }

    static string? OtlpFault(string url) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var it) || it.Scheme is not ("http" or "https")
            || it.Host.Length == 0 ? "an address such as http://127.0.0.1:4318 is needed."
        : it.UserInfo.Length > 0 ? "a user name or password may not stand in it."
        : it.Query.Length > 0 || it.Fragment.Length > 0 ? "only the address belongs here, without ? or #."
        : null;

    string? TokenFault()
    {
        var name = TokenFile is { Length: > 0 } ? nameof(TokenFile) : nameof(Token);
        if (name == nameof(TokenFile) && Token is { Length: > 0 })
            return "TokenFile: give either this or Token.";
        try
        {
            if (name == nameof(TokenFile) && new FileInfo(TokenFile!).Length > TokenFileMost)
                return "TokenFile: the file is larger than 4 KiB, so it is no token.";
            return ReadToken() is not { } token ? null
                : token.Length < TokenLeast ? $"{name}: {TokenLeast} characters or more are needed."
                : !token.All(c => c is > ' ' and <= '~')
                    ? $"{name}: only printable ASCII without blanks may stand in it." : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            return "TokenFile: the file cannot be read.";
        }
    }
}
