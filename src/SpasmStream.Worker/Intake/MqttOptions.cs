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

    /// <summary>Whether to speak TLS, with the host name and chain verified. The default is false.</summary>
    public bool Tls { get; set; }

    /// <summary>What to subscribe to. The default is <c>spasmstream/v1/in/#</c>.</summary>
    [Required]
    public string Filter { get; set; } = "spasmstream/v1/in/#";
}
