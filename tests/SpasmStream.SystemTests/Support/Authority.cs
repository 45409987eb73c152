using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.SystemTests.Support;

/// <summary>A certificate authority of the test's own, and what it signs.</summary>
sealed class Authority : IDisposable
{
    static readonly OidCollection _forServers = [new Oid("1.3.6.1.5.5.7.3.1")];
    static readonly OidCollection _forClients = [new Oid("1.3.6.1.5.5.7.3.2")];

    readonly X509Certificate2 _root;

    public Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(Now.AddDays(-400), Now.AddDays(400));
    }

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Its certificate as a file.</summary>
    public string WriteTo(TempFolder folder, string file) =>
        folder.Write(file, _root.ExportCertificatePem());

    /// <summary>A server's certificate and key as files, for 127.0.0.1.</summary>
    public (string Certificate, string Key) WriteServer(TempFolder folder)
    {
        using var issued = Issue("localhost", _forServers, Now.AddDays(-1), Now.AddDays(1), null);
        return (folder.Write("server.pem", issued.ExportCertificatePem()),
            folder.Write("server.key", issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
    }

    public X509Certificate2 Client(string name, int fromDays = -1, int toDays = 1, string? alias = null) =>
        Issue(name, _forClients, Now.AddDays(fromDays), Now.AddDays(toDays), alias);

    /// <summary>One that may only be shown by servers.</summary>
    public X509Certificate2 NoClient(string name) =>
        Issue(name, _forServers, Now.AddDays(-1), Now.AddDays(1), null);

    /// <summary>How a client that trusts this authority, and only it, opens TLS.</summary>
    public SslClientAuthenticationOptions Options(
        X509Certificate2? own = null, SslProtocols protocols = SslProtocols.Tls12) => new()
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocols,
            ClientCertificates = own is null ? [] : [own],
            // Shown whatever the server asks for: refusing is the server's business.
            LocalCertificateSelectionCallback = (_, _, _, _, _) => own!,
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { _root },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };

    public void Dispose() => _root.Dispose();

    X509Certificate2 Issue(
        string name, OidCollection uses, DateTimeOffset from, DateTimeOffset to, string? alias)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(alias ?? name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_root, from, to, RandomNumberGenerator.GetBytes(8));
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
