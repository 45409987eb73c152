using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SpasmStream.SystemTests.Support;

/// <summary>Ports nobody listens on, and who listens on one.</summary>
static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether this very process listens on the port, not another that was quicker.</summary>
    public static bool IsOwnedBy(int processId, int port)
    {
        var sockets = File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == "0A" && PortOf(columns[1]) == port)
            .Select(columns => $"socket:[{columns[9]}]")
            .ToHashSet();
        return Directory.EnumerateFiles($"/proc/{processId}/fd")
            .Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
    }

    static int PortOf(string address) =>
        int.Parse(address.Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
