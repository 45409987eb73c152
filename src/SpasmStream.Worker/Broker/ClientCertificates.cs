using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The authority that issues our devices' certificates: only what it signed comes in, whatever else the
/// machine trusts, and the certificate says which account it is.
/// </summary>
sealed class ClientCertificates : IDisposable
{
    const string ForClients = "1.3.6.1.5.5.7.3.2";
    const string CommonName = "2.5.4.3";

    readonly X509Certificate2Collection _authorities = [];

    public ClientCertificates(string file)
    {
        try
        {
            _authorities.ImportFromPemFile(file);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException
            or UnauthorizedAccessException)
        {
            throw new SetupException($"Broker:ClientCa: {file} cannot be read: {fault.Message}");
        }

        if (_authorities.Count == 0)
            throw new SetupException($"Broker:ClientCa: {file} holds no certificate (PEM is needed).");
    }

    /// <summary>Whether the authority issued it, for a client, and it is valid now.</summary>
    public bool Accepts(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForClients));
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }

    /// <summary>The names it bears: its common name, then its DNS names.</summary>
    public static IReadOnlyList<string> Names(X509Certificate2 certificate)
    {
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
            .Select(part => part.GetSingleElementValue() ?? "").ToList();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
            names.AddRange(extension.EnumerateDnsNames());
        return names;
    }

    public void Dispose()
    {
        foreach (var authority in _authorities)
            authority.Dispose();
    }
}
