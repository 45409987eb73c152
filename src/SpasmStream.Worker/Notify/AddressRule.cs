using System.Net;
using System.Net.Sockets;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Which addresses a webhook may go to without being allowed by name: those of the public internet. A rule
/// without I/O.
/// </summary>
/// <remarks>
/// By the special-purpose registries of IANA (RFC 6890 and its successors). Addresses that carry an IPv4
/// address inside them (NAT64, 6to4, Teredo) are refused whole: what is inside could be anything.
/// </remarks>
static class AddressRule
{
    static readonly IPNetwork[] Special =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ]).Select(IPNetwork.Parse),
    ];

    // All that is given out to anybody so far; loopback, link-local, unique local, multicast, IPv4-compatible
    // and NAT64 addresses lie outside.
    static readonly IPNetwork PublicSix = IPNetwork.Parse("2000::/3");

    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || PublicSix.Contains(plain))
            && !Special.Any(network => network.Contains(plain));
    }
}
