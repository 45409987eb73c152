using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Commands;

namespace SpasmStream.Tests.Commands;

/// <summary>What the doctor says of the certificate of our own broker.</summary>
public sealed class DoctorCertificateTests : IDisposable
{
    static readonly Instant _now = Some.Start;

    readonly TempFolder _folder = new();

    [Theory]
    [InlineData(90, "Ok")]
    [InlineData(13, "Warning")]
    [InlineData(-1, "Failed")]
    public void The_certificate_of_the_embedded_broker_is_loaded_and_its_days_are_counted(
        int days, string state)
    {
        using var key = RSA.Create(2048);
        var start = _now.ToDateTimeOffset();
        using var certificate = new CertificateRequest(
            "CN=broker", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(start.AddDays(-300), start.AddDays(days).AddHours(1));
        var options = new BrokerOptions
        {
            Certificate = _folder.Write("a.pem", certificate.ExportCertificatePem()),
            CertificateKey = _folder.Write("a.key", key.ExportPkcs8PrivateKeyPem()),
        };

        Assert.Equal(state, $"{Assert.Single(Doctor.Certificate(options, true, _now)).State}");
        options.CertificateKey = _folder.Write("b.key", "none");
        Assert.Equal(FindingState.Failed, Assert.Single(Doctor.Certificate(options, true, _now)).State);
    }

    public void Dispose() => _folder.Dispose();
}
