using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Intake;

/// <summary>The broker to read from. Without a host the worker brings its own on 127.0.0.1.</summary>
sealed class MqttOptions
{
    /// <summary>Host of an external broker. The default is none: the embedded broker is used.</summary>
    public string? Host { get; set; }

    /// <summary>Its port. The default is 1883.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 1883;

    /// <summary>User name at the broker. The default is none.</summary>
    public string? User { get; set; }

    /// <summary>
    /// Password at the broker: give it by environment or file, never in a shared file. The default is none.
    /// </summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>
    /// Names our session at the broker; it must stay the same over restarts. The default is
    /// <c>spasmstream</c>.
    /// </summary>
    [Required, StringLength(128, MinimumLength = 1)]
    public string ClientId { get; set; } = "spasmstream";

    /// <summary>
    /// Seconds of silence after which we give a sign of life; silent for twice as long, the broker counts as
    /// gone. A broker may ask for less. The default is 30.
    /// </summary>
    [Range(2, 3600)]
    public int KeepAliveSeconds { get; set; } = 30;

    /// <summary>
    /// Whether to speak TLS 1.2 or 1.3, with the host name and chain verified. The default is false.
    /// </summary>
    public bool Tls { get; set; }

    /// <summary>
    /// PEM certificates to trust in place of this machine's, for a broker with a private authority. The
    /// default is none: this machine's are trusted.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>Our own certificate for a broker that asks for one, PEM. The default is none.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>Its private key, PEM without a passphrase. The default is none.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>What to subscribe to. The default is none, which means <c>spasmstream/v1/in/#</c>.</summary>
    public List<string> Filters { get; } = [];

    /// <summary>The filters to subscribe to.</summary>
    public IReadOnlyList<string> FiltersInUse() => Filters.Count > 0 ? Filters : [TopicFilters.Default];

    /// <summary>How to speak TLS; null when it is not spoken.</summary>
    public BrokerTls? TlsInUse() => Tls
        ? new BrokerTls(NullIfEmpty(CaFile), NullIfEmpty(ClientCertificateFile), NullIfEmpty(ClientKeyFile))
        : null;

    /// <summary>What does not fit together, each fault in one line that begins with its key.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var fault in TopicFilters.Faults(Filters, "Mqtt:Filters"))
            yield return fault;
        foreach (var fault in TlsInUse()?.Faults("Mqtt") ?? [])
            yield return fault;
        if (Tls)
            yield break;
        foreach (var (key, value) in new[]
        {
            (nameof(CaFile), CaFile), (nameof(ClientCertificateFile), ClientCertificateFile),
            (nameof(ClientKeyFile), ClientKeyFile),
        })
            if (!string.IsNullOrEmpty(value))
                yield return $"Mqtt:{key}: it is of no use while Mqtt:Tls is false; set Mqtt:Tls to true.";
    }

    static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
