using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Server;

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

    public MqttServerOptions Build()
    {
        RefuseTakenPort(PlainAddress(_options), _options.Port, "Broker:Port");
        // Pending messages beyond this drop the oldest; nothing of ours depends on them.
        var builder = new MqttServerOptionsBuilder().WithDefaultEndpoint()
            .WithDefaultEndpointPort(_options.Port).WithMaxPendingMessagesPerClient(1_000);
        if (_certificate is not null)
        {
            RefuseTakenPort(IPAddress.Parse(_options.Listen), _options.TlsPort, "Broker:TlsPort");
            builder = builder.WithEncryptedEndpoint().WithEncryptedEndpointPort(_options.TlsPort)
                .WithEncryptionCertificate(_certificate)
                .WithEncryptionSslProtocol(SslProtocols.Tls12 | SslProtocols.Tls13);
        }

        if (Clients is { } clients)
            builder = builder.WithClientCertificate((_, certificate, chain, _) =>
                certificate is X509Certificate2 own && clients.Accepts(own, chain), false);
        var built = builder.Build();
        Bind(built.DefaultEndpointOptions, PlainAddress(_options));
        if (_certificate is not null)
            Bind(built.TlsEndpointOptions, IPAddress.Parse(_options.Listen));
        return built;
    }

    public void Dispose()
    {
        _certificate?.Dispose();
        Clients?.Dispose();
    }

    // The library takes "None" for "not here", and the other family's None, which is ::, for everywhere.
    static void Bind(MqttServerTcpEndpointBaseOptions endpoint, IPAddress address)
    {
        var isFour = address.AddressFamily == AddressFamily.InterNetwork;
        endpoint.BoundInterNetworkAddress = isFour ? address : IPAddress.None;
        endpoint.BoundInterNetworkV6Address = isFour ? IPAddress.None : address;
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

    // The library only logs a port that is taken.
    static void RefuseTakenPort(IPAddress address, int port, string setting)
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException fault)
        {
            throw new SetupException(fault.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {port} on {address} is in use, so the embedded broker cannot start. Stop the other "
                    + $"program, or set {setting}, or set Mqtt:Host to use that broker."
                : $"Nobody can listen on {address}:{port} here: {fault.Message} Set Broker:Listen to an "
                    + $"address of this machine and {setting} to a port this user may open.");
        }
    }
}
