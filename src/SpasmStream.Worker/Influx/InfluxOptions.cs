using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.Worker.Influx;

/// <summary>Where time series are sent on to. Without an address the SQLite file is the only store.</summary>
sealed class InfluxOptions
{
    /// <summary>Its address, such as http://127.0.0.1:8086. The default is none: nothing is sent.</summary>
    public string? Url { get; set; }

    /// <summary>Which it is: V1, V2, V3, Victoria, or Auto to ask it. The default is Auto.</summary>
    public InfluxVersion Version { get; set; } = InfluxVersion.Auto;

    /// <summary>The database, 1 to 64 of A-Z, a-z, 0-9, _ and -. The default is spasmstream.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_-]{1,64}",
        ErrorMessage = "1 to 64 characters of A-Z, a-z, 0-9, _ and - are needed.")]
    public string Database { get; set; } = "spasmstream";

    /// <summary>User name, where one is asked for. The default is none.</summary>
    public string? User { get; set; }

    /// <summary>Its password: give it by environment, never in a shared file. The default is none.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>Organisation of InfluxDB 2. The default is none.</summary>
    public string? Org { get; set; }

    /// <summary>Bucket of InfluxDB 2. The default is none: it is called as Database is.</summary>
    public string? Bucket { get; set; }

    /// <summary>
    /// Token, in place of a user name and password: give it by environment, never in a shared file. The
    /// default is none.
    /// </summary>
    [Secret]
    public string? Token { get; set; }

    /// <summary>
    /// Whether to make the database when there is none and the account may (1.x only). The default is true.
    /// </summary>
    public bool CreateDatabase { get; set; } = true;

    /// <summary>Whether requests are compressed: less line, more work. The default is false.</summary>
    public bool Gzip { get; set; }

    /// <summary>The most lines in a request. The default is 5000.</summary>
    [Range(1, 50_000)]
    public int BatchLines { get; set; } = 5000;

    /// <summary>The most bytes in a request, before compression. The default is 1048576 (1 MiB).</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int BatchBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// By what name wearers go there, Pseudonym or Id. With an Id, what InfluxDB cannot delete names them for
    /// ever. The default is Pseudonym.
    /// </summary>
    public WearerNaming WearerNames { get; set; } = WearerNaming.Pseudonym;

    /// <summary>
    /// PEM certificates to trust in place of this machine's, for https with a private authority. The default
    /// is none: this machine's are trusted.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>
    /// Whether to speak http without TLS to another machine: health data and passwords then can be read on
    /// the way. The default is false.
    /// </summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>Whether anything is sent on.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Url);

    /// <summary>The bucket's name where there are buckets.</summary>
    public string BucketInUse() => string.IsNullOrEmpty(Bucket) ? Database : Bucket;

    /// <summary>Its address, to which paths are added.</summary>
    public Uri Address() => new(Url!.TrimEnd('/') + "/");

    /// <summary>Whom to trust; null for whom this machine trusts.</summary>
    public X509Certificate2Collection? ReadTrusted()
    {
        if (string.IsNullOrEmpty(CaFile))
            return null;
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(CaFile);
        return trusted.Count > 0 ? trusted : throw new CryptographicException("No certificate.");
    }

    /// <summary>What does not fit together, each fault in one line that begins with its key.</summary>
    public IEnumerable<string> Faults()
    {
        if (!IsOn)
            yield break;
        if (UrlFault() is { } url)
            yield return $"Influx:Url: {url}";
        if (User is { Length: > 0 } && string.IsNullOrEmpty(Password))
            yield return "Influx:Password: Influx:User is set, but no password; give it by environment.";
        if (Password is { Length: > 0 } && string.IsNullOrEmpty(User))
            yield return "Influx:User: Influx:Password is set, but nobody it belongs to.";
        if (Token is { Length: > 0 } && User is { Length: > 0 })
            yield return "Influx:Token: give either this, or Influx:User and Influx:Password.";
        if (Version == InfluxVersion.V2 && string.IsNullOrEmpty(Org))
            yield return "Influx:Org: InfluxDB 2 needs the name of the organisation.";
        if (HeaderFault() is { } secret)
            yield return $"Influx:{secret}: a line break or another control character stands in it.";
        if (CaFault() is { } ca)
            yield return $"Influx:CaFile: {ca}";
    }

    string? UrlFault()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")
            || url.Host.Length == 0)
            return "an address such as http://127.0.0.1:8086 is needed.";
        if (url.UserInfo.Length > 0)
            return "a user name or password may not stand in it; there is Influx:User.";
        if (url.Query.Length > 0 || url.Fragment.Length > 0)
            return "only the address belongs here, without ? or #.";
        return url.Scheme == "https" || IsLoopback(url) || AllowInsecureHttp ? null
            : "https is needed for another machine; or set Influx:AllowInsecureHttp to true.";
    }

    string? HeaderFault() =>
        Token?.Any(char.IsControl) == true ? nameof(Token)
        : User?.Any(char.IsControl) == true ? nameof(User)
        : Password?.Any(char.IsControl) == true ? nameof(Password) : null;

    string? CaFault()
    {
        if (string.IsNullOrEmpty(CaFile))
            return null;
        if (Url!.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
            return "it is of no use while Influx:Url is http.";
        try
        {
            foreach (var certificate in ReadTrusted() ?? [])
                certificate.Dispose();
            return null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{CaFile} does not exist.";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{CaFile} cannot be read: {fault.Message}";
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            return $"{CaFile} holds no PEM certificate that can be read.";
        }
    }

    static bool IsLoopback(Uri url) => url.Host == "localhost"
        || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
