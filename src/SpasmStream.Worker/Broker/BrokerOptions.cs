using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The broker the worker brings along when none is configured; it listens on 127.0.0.1 unless told otherwise.
/// </summary>
sealed class BrokerOptions
{
    /// <summary>
    /// The address devices reach it at; any but this machine's own needs a certificate. The default is
    /// 127.0.0.1.
    /// </summary>
    [Required]
    public string Listen { get; set; } = "127.0.0.1";

    /// <summary>
    /// Its port without TLS, on this machine only unless that is allowed below. The default is 1883.
    /// </summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 1883;

    /// <summary>Its port with TLS, served once there is a certificate. The default is 8883.</summary>
    [Range(1, 65535)]
    public int TlsPort { get; set; } = 8883;

    /// <summary>File of the certificate for TLS, in PEM. The default is none: no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>File of the certificate's private key, in PEM. The default is none.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>
    /// File of the authority that issues the devices' own certificates, in PEM. With it every device on the
    /// TLS port must bear one, whose common name is its user name; then it needs no password. The default is
    /// none.
    /// </summary>
    public string? ClientCa { get; set; }

    /// <summary>
    /// Whether the port without TLS is open to other machines too: passwords and health data then cross the
    /// network for everybody to read. The default is false.
    /// </summary>
    public bool AllowInsecureMqtt { get; set; }

    /// <summary>
    /// Who may connect. The default is none: then one account named <c>gateway</c>, which may publish for
    /// every listed wearer, is made, and its password stands in <c>broker-password</c> in the store's folder.
    /// </summary>
    public List<BrokerAccount> Accounts { get; } = [];

    /// <summary>
    /// Seconds to wait for a commit before a sender is cut off unacknowledged. The default is 5.
    /// </summary>
    [Range(1, 60)]
    public int CommitSeconds { get; set; } = 5;

    /// <summary>
    /// The most connections of devices; one that has not said who it is makes room for the next. The default
    /// is 200.
    /// </summary>
    [Range(1, 10_000)]
    public int ConnectionsMax { get; set; } = 200;

    /// <summary>
    /// The most of them from one address; behind a proxy all devices have one. The default is 20.
    /// </summary>
    [Range(1, 10_000)]
    public int ConnectionsPerAddress { get; set; } = 20;

    /// <summary>
    /// Seconds for TLS and CONNECT together; who takes longer is cut off. The default is 10.
    /// </summary>
    [Range(1, 60)]
    public int ConnectSeconds { get; set; } = 10;

    /// <summary>
    /// Messages a second that one client is read at once its burst, ten seconds' worth, is used up; 0 is
    /// without a limit. The default is 50.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MessagesPerSecond { get; set; } = 50;

    /// <summary>The same in bytes a second; 0 is without a limit. The default is 256000.</summary>
    [Range(0, 1_000_000_000)]
    public int BytesPerSecond { get; set; } = 256_000;
}

/// <summary>One account of the embedded broker.</summary>
sealed class BrokerAccount
{
    /// <summary>User name; client ids must be it, or it followed by a colon and a suffix.</summary>
    [Required]
    public string User { get; set; } = "";

    /// <summary>Password: give it by environment or file, or give its hash instead.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>
    /// The password as <c>spasmstream devices hash</c> prints it: pbkdf2-sha256$ITERATIONS$SALT$HASH.
    /// </summary>
    [Secret]
    public string? PasswordHash { get; set; }

    /// <summary>The wearers it may publish and read for.</summary>
    public List<string> Wearers { get; } = [];

    /// <summary>Whether it may publish and read for every listed wearer.</summary>
    public bool Gateway { get; set; }
}
