using System.Net;

namespace SpasmStream.Worker.Notify;

/// <summary>Where a webhook may go, as far as its text tells; a rule without I/O.</summary>
static class WebhookAddress
{
    /// <summary>The host as it is compared and looked up: lower case, no brackets.</summary>
    public static string HostOf(Uri url) => url.IdnHost.Trim('[', ']').ToLowerInvariant();

    public static bool IsAllowed(string host, IReadOnlyList<string> allowed) => allowed.Any(
        one => string.Equals(one.Trim('[', ']'), host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));

    /// <summary>What is wrong with an address, without repeating it; null when nothing is.</summary>
    public static string? Fault(string text, IReadOnlyList<string> allowed)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            return "an address such as https://hooks.example.org/spasmstream is needed.";
        if (url.UserInfo.Length > 0)
            return "a user name or password may not stand in it.";
        var host = HostOf(url);
        if (IsAllowed(host, allowed))
            return null;
        if (url.Scheme != "https")
            return "https is needed; http only for a host in AllowedHosts.";
        if (host.Length == 0 || host.EndsWith('.'))
            return "its host may not end in a dot.";
        if (host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal))
            return NotPublic;
        return IPAddress.TryParse(host, out var address) && !AddressRule.IsPublic(address) ? NotPublic : null;
    }

    public const string NotPublic =
        "its host is not on the public internet; add that exact host to AllowedHosts if it is meant.";
}
