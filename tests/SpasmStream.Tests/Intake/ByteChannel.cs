using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MQTTnet.Channel;

namespace SpasmStream.Tests.Intake;

/// <summary>
/// The line under an adapter: the test gives the pieces that are read, and sees every write.
/// </summary>
sealed class ByteChannel : IMqttChannel
{
    readonly Channel<byte[]> _incoming = Channel.CreateUnbounded<byte[]>();

    /// <summary>Reads begun so far.</summary>
    public int Reads { get; private set; }

    /// <summary>What was written, one item a write.</summary>
    public List<byte[]> Writes { get; } = [];

    public X509Certificate2 ClientCertificate => null!;

    public EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1);

    public EndPoint LocalEndPoint => RemoteEndPoint;

    public bool IsSecureConnection => false;

    public void Send(params byte[][] packets) =>
        _incoming.Writer.TryWrite([.. packets.SelectMany(it => it)]);

    /// <summary>Whoever reads is at the end, or finds out what broke the line.</summary>
    public void End(Exception? broken = null) => _incoming.Writer.TryComplete(broken);

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Reads++;
        if (!await _incoming.Reader.WaitToReadAsync(cancellationToken)
            || !_incoming.Reader.TryRead(out var piece))
            return 0;
        piece.CopyTo(buffer, offset);
        return piece.Length;
    }

    /// <summary>After how many bytes a write finds no more room, until it is cancelled.</summary>
    public int Room { get; set; } = int.MaxValue;

    public Task WriteAsync(
        ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        Writes.Add(buffer.Slice(0, Math.Min(Room, buffer.Length)).ToArray());
        return Room < buffer.Length ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;
    }

    public void Dispose() => End();
}
