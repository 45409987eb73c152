using System.Net;
using System.Net.Sockets;
using MQTTnet.Channel;

namespace SpasmStream.Worker.Intake;

/// <summary>Connects to the broker's address, and notes that somebody answered there.</summary>
sealed class LineStreamProvider(LineWatch watch) : IMqttClientStreamProvider
{
    public async Task<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            watch.Hear();
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
