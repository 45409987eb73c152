using System.ComponentModel.DataAnnotations;
using System.Net;

namespace SpasmStream.Worker.Web;

/// <summary>The page and how it is reached.</summary>
sealed class WebOptions
{
    public const string Section = "Web";

    /// <summary>Whether the page and the health routes are served at all. The default is true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where to listen. The default is http://127.0.0.1:8080.</summary>
    [Required]
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>Names by which it may be asked for besides the loopback ones. None by default.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Whether a proxy asks for a login, so Url may leave loopback. The default is false.</summary>
    public bool LoginInFront { get; set; }

    /// <summary>How often the page renews itself. The default is 20 s.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The most requests a minute from one address. The default is 100.</summary>
    public int RequestsPerMinute { get; set; } = 100;

    /// <summary>The first thing wrong with these options, naming the setting; null when nothing is.</summary>
    public string? Fault()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return "Web:Url must be an address such as http://127.0.0.1:8080.";
        if (!LoginInFront && !IsLoopback(url))
            return "Web:Url must stay on 127.0.0.1, [::1] or localhost, because the page asks for no login. "
                + "Set Web:LoginInFront to true only when a proxy in front of it asks for one.";
        if (RefreshInterval < TimeSpan.FromSeconds(5) || RefreshInterval > TimeSpan.FromHours(1))
            return "Web:RefreshInterval must lie between 5 s and 1 h.";
        if (RequestsPerMinute is < 10 or > 100_000)
            return "Web:RequestsPerMinute must lie between 10 and 100000.";
        return null;
    }

    // Uri.IsLoopback also holds for names such as "loopback"; only what cannot be rebound is meant here.
    static bool IsLoopback(Uri url) =>
        url.Host == "localhost"
        || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
