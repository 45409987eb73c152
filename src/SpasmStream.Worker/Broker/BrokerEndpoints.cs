using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Where the embedded broker listens: without TLS on this machine, with TLS wherever it is told to.
/// </summary>
sealed class BrokerEndpoints : IDisposable
{
    readonly BrokerOptions _options;
    readonly X509Certificate2? _certificate;

    public BrokerEndpoints(BrokerOptions options)
    {
        _options = options;
        if (options.Certificate is null)
            return;
        _certificate = Load(options.Certificate, options.CertificateKey);
        Clients = options.ClientCa is { } file ? new ClientCertificates(file) : null;
    }

    /// <summary>Who issues the devices' certificates; null when they come with passwords.</summary>
    public ClientCertificates? Clients { get; }

    public bool HasTls => _certificate is not null;

    /// <summary>Until when the certificate is good; null without one.</summary>
    public DateTimeOffset? Ends => _certificate?.NotAfter;

    /// <summary>
    /// Where the port without TLS is: on this machine, unless it was said that anybody may read along.
    /// </summary>
    public static IPAddress PlainAddress(BrokerOptions options) =>
        options.AllowInsecureMqtt || IPAddress.IsLoopback(IPAddress.Parse(options.Listen))
            ? IPAddress.Parse(options.Listen) : IPAddress.Loopback;

    /// <summary>How the worker itself reaches the port without TLS.</summary>
    public static string OwnHost(BrokerOptions options)
    {
        var address = PlainAddress(options);
        return (address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address).ToString();
    }

    /// <summary>What to listen on, and whether TLS is spoken there.</summary>
    public IReadOnlyList<(IPEndPoint At, bool Tls)> Doors => _certificate is null
        ? [(new IPEndPoint(PlainAddress(_options), _options.Port), false)]
        :
        [
            (new IPEndPoint(PlainAddress(_options), _options.Port), false),
            (new IPEndPoint(IPAddress.Parse(_options.Listen), _options.TlsPort), true),
        ];

    /// <summary>How TLS is spoken, and which certificates devices must show.</summary>
    public SslServerAuthenticationOptions Tls() => new()
    {
        ServerCertificate = _certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateRequired = Clients is not null,
        RemoteCertificateValidationCallback = Clients is not { } clients ? null
            : (_, certificate, chain, _) =>
                certificate is X509Certificate2 own && clients.Accepts(own, chain),
    };

    public void Dispose()
    {
        _certificate?.Dispose();
        Clients?.Dispose();
    }

    static X509Certificate2 Load(string file, string? key)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(file, key);
            if (!OperatingSystem.IsWindows())
                return certificate;
            // Windows serves TLS only with a key that it has taken in.
            using (certificate)
                return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException
            or UnauthorizedAccessException or ArgumentException)
        {
            throw new SetupException($"Broker:Certificate: {file} with the key {key} cannot be used: "
                + $"{fault.Message} Both must be PEM files that this user may read.");
        }
    }
}
