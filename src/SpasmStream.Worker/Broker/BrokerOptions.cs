using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The broker the worker brings along when none is configured; it listens on 127.0.0.1 only.
/// </summary>
sealed class BrokerOptions
{
    /// <summary>Its port. The default is 1883.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 1883;

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
}

/// <summary>One account of the embedded broker.</summary>
sealed class BrokerAccount
{
    /// <summary>User name; client ids must be it, or it followed by a colon and a suffix.</summary>
    [Required]
    public string User { get; set; } = "";

    /// <summary>Password: give it by environment or file.</summary>
    [Required, Secret]
    public string Password { get; set; } = "";

    /// <summary>The wearers it may publish and read for.</summary>
    public List<string> Wearers { get; } = [];

    /// <summary>Whether it may publish and read for every listed wearer.</summary>
    public bool Gateway { get; set; }
}
