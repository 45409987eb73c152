using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Channel;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// The library's connection, except that messages do not pass through the library: they are taken out of
/// large reads in bulk, and acknowledged by the run in one write. Its tap is closed while too much is
/// received and not yet committed: then nothing is read, and the broker is held back.
/// </summary>
sealed class BulkAdapter(IMqttChannel channel, MqttPacketFormatterAdapter formatter, DeliveryQueue queue,
    PacketStream packets, LineWatch watch, LineStreamProvider line, Func<Task> reached, TakeMessages take)
    : IMqttChannelAdapter
{
    const byte Puback = 0x40;
    const byte Pubrec = 0x50;
    const int ReceiptBytes = 4;
    const int LittleBytes = 64 * 1024;

    readonly SemaphoreSlim _writing = new(1, 1);
    byte[] _receipts = new byte[ReceiptBytes * 512];
    long _received;
    long _sent;
    bool _welcome;
    bool _isLittle;
    bool _torn;

    public long BytesReceived => Volatile.Read(ref _received);

    public long BytesSent => Volatile.Read(ref _sent);

    public X509Certificate2 ClientCertificate => channel.ClientCertificate;

    public EndPoint RemoteEndPoint => channel.RemoteEndPoint;

    public EndPoint LocalEndPoint => channel.LocalEndPoint;

    public bool IsSecureConnection => channel.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => formatter;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await channel.ConnectAsync(cancellationToken);
        await reached().WaitAsync(cancellationToken);
    }

    public Task DisconnectAsync(CancellationToken cancellationToken) =>
        channel.DisconnectAsync(cancellationToken);

    /// <summary>The next packet that is no message; null at the end of the connection.</summary>
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                while (TakeMessages())
                    await RoomAsync(cancellationToken);
                if (packets.TryTakePacket(out var packet))
                    return Decode(packet);
                await RoomAsync(cancellationToken);
                if (_isLittle && _welcome)
                    await BreatheAsync(cancellationToken);
                watch.Hear();
                var free = packets.Free();
                var read = await channel.ReadAsync(free.Array!, free.Offset, free.Count, cancellationToken);
                if (read == 0)
                    return null;
                _received += read;
                packets.Filled(read);
                _isLittle = read < LittleBytes;
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    bool TakeMessages()
    {
        if (!_welcome)
            return packets.BeginsWithMessage
                ? throw VariableLength.Broken("a message before its welcome") : false;
        var run = packets.TakeMessages();
        if (run.IsEmpty)
            return false;
        take(run);
        packets.Forget(run.Length);
        return true;
    }

    async Task BreatheAsync(CancellationToken cancellationToken)
    {
        var breath = queue.BreatheAsync(cancellationToken);
        if (breath.IsCompleted)
            return;
        line.TellFrom(PacketStream.BufferBytes / 2);
        await breath;
        line.TellFrom(1);
    }

    async Task RoomAsync(CancellationToken cancellationToken)
    {
        var room = queue.WaitForRoomAsync();
        if (room.IsCompleted)
            return;
        watch.StopListening();
        await room.WaitAsync(cancellationToken);
        watch.Hear();
    }

    MqttPacket Decode(ReceivedMqttPacket received)
    {
        MqttPacket? packet;
        try
        {
            packet = formatter.Decode(received);
        }
        // Whatever a broken packet makes the library throw, it is a broken packet.
        catch (Exception fault) when (fault is not MqttProtocolViolationException)
        {
            throw new MqttProtocolViolationException(
                $"The broker sent a packet that cannot be read ({fault.GetType().Name}).");
        }

        _welcome |= packet is MqttConnAckPacket { ReasonCode: MqttConnectReasonCode.Success };
        return packet ?? throw VariableLength.Broken("a packet of no known type");
    }

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) =>
        WriteAsync(() =>
        {
            var encoded = formatter.Encode(packet);
            return new ReadOnlySequence<byte>(encoded.Join());
        }, cancellationToken);

    /// <summary>PUBACK, or PUBREC where it was QoS 2, for each in order, in one write.</summary>
    public Task AcknowledgeAsync(ReadOnlyMemory<Receipt> run, CancellationToken cancellationToken) =>
        WriteAsync(() =>
        {
            if (_receipts.Length < run.Length * ReceiptBytes)
                _receipts = new byte[run.Length * ReceiptBytes];
            var left = _receipts.AsSpan();
            foreach (var (packetId, qos) in run.Span)
            {
                (left[0], left[1]) = (qos == 2 ? Pubrec : Puback, 2);
                BinaryPrimitives.WriteUInt16BigEndian(left[2..], packetId);
                left = left[ReceiptBytes..];
            }

            return new ReadOnlySequence<byte>(_receipts, 0, run.Length * ReceiptBytes);
        }, cancellationToken);

    async Task WriteAsync(Func<ReadOnlySequence<byte>> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Behind half a packet the next one would be read as its other half: as an acknowledgement, say,
            // of a message that is not ours to give up.
            if (_torn)
                throw new MqttCommunicationException("The connection ended in the middle of a packet.");
            var all = bytes();
            _torn = true;
            await channel.WriteAsync(all, true, cancellationToken);
            _torn = false;
            _sent += all.Length;
        }
        finally
        {
            formatter.Cleanup();
            _writing.Release();
        }
    }

    public void ResetStatistics() => (_received, _sent) = (0, 0);

    public void Dispose()
    {
        channel.Dispose();
        _writing.Dispose();
    }
}
