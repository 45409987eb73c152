using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.SystemTests.Support;

/// <summary>A certificate and its key, both PEM.</summary>
sealed record PemPair(string Certificate, string Key);

/// <summary>A private certificate authority that lives as long as a test.</summary>
sealed class TestAuthority : IDisposable
{
    static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly X509Certificate2 _root;

    public TestAuthority(string name = "Test authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _root = request.CreateSelfSigned(_now.AddDays(-30), _now.AddDays(30));
    }

    /// <summary>The authority's own certificate.</summary>
    public string Pem => _root.ExportCertificatePem();

    /// <summary>For 127.0.0.1 when the name is that, else for a host of that name, or for a client.</summary>
    public PemPair Issue(string name, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(name, key).Create(_root, _now.AddDays(-20),
            expired ? _now.AddDays(-1) : _now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return new(issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Signed by nobody but itself.</summary>
    public static PemPair SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Request(name, key).CreateSelfSigned(_now.AddDays(-20), _now.AddDays(20));
        return new(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }

    static CertificateRequest Request(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
