using MQTTnet.Adapter;
using MQTTnet.Exceptions;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// Cuts the bytes of a connection into packets: runs of PUBLISH become deliveries, everything else is for the
/// library. It holds no more than came, and no packet beyond what we told the broker.
/// </summary>
sealed class PacketStream(Reception reception)
{
    /// <summary>The largest packet, as CONNECT says.</summary>
    public const int PacketBytesMax = 16 << 20;

    /// <summary>What is read at once, at most, unless one packet is larger.</summary>
    public const int BufferBytes = 256 * 1024;

    const int RunMax = 512;

    // Payloads are unpacked here, before the queue is asked for room: so a run ends with the first of these.
    const int RunBytes = 1 << 20;

    const int Publish = 3;

    readonly PublishReader _publish = new(reception);
    readonly Delivery[] _run = new Delivery[RunMax];
    byte[] _buffer = [];
    int _start;
    int _end;

    /// <summary>Whether the next packet is a PUBLISH, as far as one can see.</summary>
    public bool BeginsWithMessage => _start < _end && _buffer[_start] >> 4 == Publish;

    /// <summary>Where the next bytes go; never empty.</summary>
    public ArraySegment<byte> Free()
    {
        var left = _end - _start;
        // A large packet is over: back to the usual size.
        var size = left < BufferBytes / 2 ? BufferBytes : left == _buffer.Length ? 2 * left : _buffer.Length;
        if (size != _buffer.Length || _start > 0)
        {
            var to = size == _buffer.Length ? _buffer : new byte[size];
            Buffer.BlockCopy(_buffer, _start, to, 0, left);
            (_buffer, _start, _end) = (to, 0, left);
        }

        return new ArraySegment<byte>(_buffer, _end, _buffer.Length - _end);
    }

    /// <summary>So many bytes have come to where there was room.</summary>
    public void Filled(int count) => _end += count;

    /// <summary>
    /// The next run of messages, in order, until another packet, half a packet or a run's length in messages
    /// or payload; good until <see cref="Forget"/>.
    /// </summary>
    public ReadOnlySpan<Delivery> TakeMessages()
    {
        var (count, bytes, whole) = (0, 0, _start);
        try
        {
            while (count < RunMax && bytes < RunBytes
                && BeginsWithMessage && TryCut(out var first, out var body))
            {
                _run[count] = _publish.Read(first & 0x0F, body);
                bytes += _run[count].Payload.Length;
                (count, whole) = (count + 1, _start);
            }
        }
        catch (MqttProtocolViolationException) when (count > 0)
        {
            // What came before the broken one is good; the next call meets it again.
            _start = whole;
        }

        return _run.AsSpan(0, count);
    }

    /// <summary>The run has been handed on: it is not held here.</summary>
    public void Forget(int count) => Array.Clear(_run, 0, count);

    /// <summary>The next packet when it is complete; the library may keep it.</summary>
    public bool TryTakePacket(out ReceivedMqttPacket packet)
    {
        packet = default;
        var before = _start;
        if (!TryCut(out var first, out var body))
            return false;
        packet = new ReceivedMqttPacket(first, body.ToArray(), _start - before);
        return true;
    }

    bool TryCut(out byte first, out ReadOnlySpan<byte> body)
    {
        first = 0;
        body = default;
        var bytes = _buffer.AsSpan(_start, _end - _start);
        if (bytes.Length < 2 || !VariableLength.TryRead(bytes[1..], out var length, out var digits))
            return false;
        var head = 1 + digits;
        if (head + length > PacketBytesMax)
            throw VariableLength.Broken("a packet that is larger than we take");
        if (head + length > bytes.Length)
            return false;
        first = bytes[0];
        body = bytes.Slice(head, length);
        _start += head + length;
        return true;
    }
}
