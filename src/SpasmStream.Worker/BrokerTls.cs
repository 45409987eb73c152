using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpasmStream.Worker;

/// <summary>
/// How to speak TLS with an external broker: whom to trust, and what to show of ourselves. The files are
/// read at every connect, so renewed ones are taken up without a restart.
/// </summary>
/// <param name="CaFile">
/// PEM certificates to trust in place of this machine's; null trusts this machine's.
/// </param>
/// <param name="CertificateFile">Our own certificate, PEM; null shows none.</param>
/// <param name="KeyFile">Its private key, PEM without a passphrase.</param>
sealed record BrokerTls(string? CaFile, string? CertificateFile, string? KeyFile)
{
    /// <summary>Reads the files; <see cref="BrokerRefusedException"/> when one is gone or broken.</summary>
    public TlsHandshake Open()
    {
        if (Faults("Mqtt").FirstOrDefault() is { } fault)
            throw new BrokerRefusedException(fault);
        return new TlsHandshake(CaFile is null ? null : ReadTrusted(CaFile),
            CertificateFile is null ? null : ReadOwn(CertificateFile, KeyFile!));
    }

    /// <summary>What is wrong with the files, each fault in one line that begins with its key.</summary>
    public IEnumerable<string> Faults(string section)
    {
        if (CaFile is not null
            && Fault(() => _ = ReadTrusted(CaFile), "holds no PEM certificate that can be read") is { } ca)
            yield return $"{section}:CaFile: {CaFile} {ca}";
        if (CertificateFile is null && KeyFile is not null)
            yield return $"{section}:ClientKeyFile: a key alone is of no use; name its certificate in "
                + $"{section}:ClientCertificateFile.";
        if (CertificateFile is not null && KeyFile is null)
            yield return $"{section}:ClientCertificateFile: it needs its private key in "
                + $"{section}:ClientKeyFile.";
        if (CertificateFile is null || KeyFile is null)
            yield break;
        var own = Fault(() => X509CertificateLoader.LoadCertificateFromFile(CertificateFile).Dispose(),
            "holds no PEM certificate that can be read");
        if (own is not null)
            yield return $"{section}:ClientCertificateFile: {CertificateFile} {own}";
        else if (Fault(() => ReadOwn(CertificateFile, KeyFile).Dispose(),
            "holds no PEM key, without a passphrase, that belongs to the certificate") is { } key)
            yield return $"{section}:ClientKeyFile: {KeyFile} {key}";
    }

    static string? Fault(Action read, string broken)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist.";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {fault.Message}";
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            return broken + ".";
        }
    }

    static X509Certificate2Collection ReadTrusted(string file)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(file);
        return trusted.Count > 0 ? trusted : throw new CryptographicException("No certificate.");
    }

    static X509Certificate2 ReadOwn(string certificate, string key)
    {
        var own = X509Certificate2.CreateFromPemFile(certificate, key);
        if (!OperatingSystem.IsWindows())
            return own;
        // Windows cannot use a key that lies in memory only.
        using (own)
            return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>The broker cannot be used as things are; the message says why, without a secret.</summary>
sealed class BrokerRefusedException(string reason) : Exception(reason);
