using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;

namespace SpasmStream.Worker;

/// <summary>The certificates of one connection, and why the other side's was refused.</summary>
sealed class TlsHandshake(X509Certificate2Collection? trusted, X509Certificate2? own) : IDisposable
{
    string? _refusal;
    bool _judged;

    public void Apply(MqttClientTlsOptionsBuilder tls)
    {
        tls.UseTls()
            .WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13)
            // As a browser does it: a private authority has no list of revoked certificates to ask.
            .WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(Judge);
        if (trusted is not null)
            tls.WithTrustChain(trusted);
        if (own is not null)
            tls.WithClientCertificates([own]);
    }

    /// <summary>Why no connection came about, when TLS is why; else null.</summary>
    public string? Explain(Exception fault)
    {
        if (_refusal is not null)
            return _refusal;
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
            if (Alert(cause.Message) is { } alert)
                return alert;
        return Causes(fault).OfType<AuthenticationException>().Any()
            ? "TLS: no agreement with the broker; the port may not speak TLS." : null;
    }

    /// <summary>Until when the other side's certificate is good; null before it came.</summary>
    public DateTimeOffset? Ends { get; private set; }

    /// <summary>What may be the matter when the connection just ended; empty when TLS stood.</summary>
    public string Hint =>
        _judged ? "" : "TLS: no certificate came; does the port speak TLS? Check Mqtt:Port.";

    public void Dispose()
    {
        own?.Dispose();
        foreach (var certificate in trusted ?? [])
            certificate.Dispose();
    }

    /// <summary>The system's verdict stands; here it is only put into words.</summary>
    bool Judge(MqttClientCertificateValidationEventArgs seen)
    {
        _judged = true;
        Ends = (seen.Certificate as X509Certificate2)?.NotAfter;
        if (seen.SslPolicyErrors == SslPolicyErrors.None)
            return true;
        var faults = new List<string>();
        if (seen.SslPolicyErrors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            faults.Add("it shows no certificate");
        if (seen.SslPolicyErrors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            faults.AddRange(ChainFaults(seen.Chain));
        if (seen.SslPolicyErrors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            faults.Add("its certificate is for another host name than Mqtt:Host");
        _refusal = $"TLS: the broker is not trusted: {string.Join("; ", faults)}.";
        return false;
    }

    static IEnumerable<string> ChainFaults(X509Chain chain)
    {
        var all = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, it) => flags | it.Status);
        var first = chain.ChainElements[0].Certificate;
        const X509ChainStatusFlags untrusted =
            X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
        if ((all & untrusted) != 0)
            yield return first.SubjectName.RawData.AsSpan().SequenceEqual(first.IssuerName.RawData)
                ? "its certificate is self-signed and not in Mqtt:CaFile"
                : "its certificate comes from an authority that is not trusted; "
                    + "name that authority's certificate in Mqtt:CaFile";
        if ((all & X509ChainStatusFlags.NotTimeValid) != 0)
            yield return first.NotBefore > chain.ChainPolicy.VerificationTime
                ? "its certificate is not valid yet; is this machine's clock right?"
                : "its certificate, or one above it, has expired";
        var rest = all & ~untrusted & ~X509ChainStatusFlags.NotTimeValid;
        if (rest != 0)
            yield return $"its certificate is not good ({rest})";
    }

    // The other side's refusals reach us as the text of an alert.
    static string? Alert(string text) => text switch
    {
        _ when Has(text, "certificate required") || Has(text, "handshake failure") =>
            "TLS: the broker wants a client certificate; name one in Mqtt:ClientCertificateFile.",
        _ when Has(text, "unknown ca") || Has(text, "bad certificate") || Has(text, "certificate unknown") =>
            "TLS: the broker does not trust our client certificate (Mqtt:ClientCertificateFile).",
        _ when Has(text, "certificate expired") =>
            "TLS: the broker says that our client certificate has expired.",
        _ when Has(text, "unsupported protocol") || Has(text, "protocol version") =>
            "TLS: the broker speaks neither TLS 1.2 nor TLS 1.3.",
        _ when Has(text, "wrong version number") || Has(text, "frame size")
            || Has(text, "Cannot determine the frame") =>
            "TLS: the broker's port does not speak TLS; check Mqtt:Port.",
        _ => null,
    };

    static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    static IEnumerable<Exception> Causes(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
