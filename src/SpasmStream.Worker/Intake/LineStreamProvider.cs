using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MQTTnet.Channel;

namespace SpasmStream.Worker.Intake;

/// <summary>Connects to the broker's address, and notes that somebody answered there.</summary>
sealed class LineStreamProvider(LineWatch watch) : IMqttClientStreamProvider
{
    // SOL_SOCKET and SO_RCVLOWAT of Linux.
    const int SocketLevel = 1;
    const int ReceiveLowWater = 18;

    Socket? _socket;

    public async Task<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            watch.Hear();
            _socket = socket;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// How many bytes have to wait before the kernel tells anybody. While nobody reads, each packet would
    /// wake two threads that have nothing to do: a third of what a message cost.
    /// </summary>
    public void TellFrom(int bytes)
    {
        if (OperatingSystem.IsLinux())
            _socket?.SetRawSocketOption(
                SocketLevel, ReceiveLowWater, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)));
    }
}
