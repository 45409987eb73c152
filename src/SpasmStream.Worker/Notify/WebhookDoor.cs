using System.Net;
using System.Net.Sockets;

namespace SpasmStream.Worker.Notify;

/// <summary>Looks a host up; empty or <see cref="SocketException"/> when nobody knows it.</summary>
delegate Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken);

/// <summary>
/// The way out to one webhook. Every connection goes to an address that was looked up and checked for this
/// very connection, so a name that changes its address in between gains nothing.
/// </summary>
sealed class WebhookDoor(IReadOnlyList<string> allowedHosts, Resolve resolve)
{
    /// <summary>How this machine looks hosts up.</summary>
    public static Task<IPAddress[]> ResolveHere(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken);

    public SocketsHttpHandler Open() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = WebhookNotifier.Limit,
        MaxConnectionsPerServer = 1,
        MaxResponseHeadersLength = 16,
        // Alerts are rare: a connection kept open would only be one that was checked long ago.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = (context, cancellationToken) =>
            ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken),
    };

    /// <summary>The addresses of a host that may be connected to; none when it may not be.</summary>
    public async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        var all = IPAddress.TryParse(host.Trim('[', ']'), out var literal)
            ? [literal] : await resolve(host, cancellationToken);
        return WebhookAddress.IsAllowed(host, allowedHosts) ? all : Array.FindAll(all, AddressRule.IsPublic);
    }

    /// <summary>
    /// A connection to a host; <see cref="AddressRefusedException"/> when it may not be connected to.
    /// </summary>
    public async ValueTask<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = await AddressesAsync(host, cancellationToken);
        if (addresses.Length == 0)
            throw new AddressRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host has no address that may be connected to.</summary>
sealed class AddressRefusedException() : Exception("The host has no address on the public internet.");
