using System.Net;
using System.Net.Sockets;
using MQTTnet.Channel;

namespace SpasmStream.Worker.Intake;

/// <summary>Connects to the broker and puts the tap on the line.</summary>
sealed class TapStreamProvider(DeliveryQueue queue, LineWatch watch) : IMqttClientStreamProvider
{
    public async Task<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            watch.Hear();
            return new TapStream(new NetworkStream(socket, ownsSocket: true), queue, watch);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
