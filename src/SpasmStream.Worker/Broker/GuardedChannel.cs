using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// What the library reads a connection through: a packet is shown to it once all of it is here, so that it
/// never makes room for what a header only claims. Headers that nobody may send, and packets that are too
/// long, end the connection; who is too fast is read later.
/// </summary>
sealed class GuardedChannel : IMqttChannel
{
    /// <summary>The longest packet of somebody who has not been let in.</summary>
    public const int StrangerMax = 4 * 1024;

    /// <summary>The longest message.</summary>
    public const int PayloadMax = 256 * 1024;

    // Room for the longest topic, and for properties that are none of our business, beside the message.
    const int GuestMax = PayloadMax + 192 * 1024;

    readonly Stream _stream;
    readonly TimeProvider _time;
    readonly Action<string> _refused;
    readonly PipeReader _reader;

    // Of the reading side only, one at a time: the packet that is being handed out.
    ReadOnlySequence<byte> _packet;
    bool _hasPacket;

    // Set when it is let in, before the next packet is asked for.
    volatile Admission? _admission;

    /// <param name="stream">The connection, TLS done.</param>
    /// <param name="local">Our end of it.</param>
    /// <param name="remote">The other end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="refused">Told in a word why the connection is ended.</param>
    public GuardedChannel(
        Stream stream, EndPoint? local, EndPoint? remote, TimeProvider time, Action<string> refused)
    {
        (_stream, LocalEndPoint, RemoteEndPoint, _time, _refused) = (stream, local, remote, time, refused);
        // The reader holds no buffer while nothing comes.
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(
            bufferSize: StrangerMax, leaveOpen: true, useZeroByteReads: true));
        if ((stream as SslStream)?.RemoteCertificate is { } certificate)
            ClientCertificate = certificate as X509Certificate2
                ?? X509CertificateLoader.LoadCertificate(certificate.Export(X509ContentType.Cert));
    }

    public X509Certificate2? ClientCertificate { get; }

    public EndPoint? RemoteEndPoint { get; }

    public EndPoint? LocalEndPoint { get; }

    public bool IsSecureConnection => _stream is SslStream;

    /// <summary>From now on messages may come, at this pace.</summary>
    /// <param name="pace">Its pace; null for none.</param>
    /// <param name="flooded">Tells a client that floods us, and ends its connection.</param>
    public void Admit(Pace? pace, Func<Task> flooded) => _admission = new Admission(pace, flooded);

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing: whoever opened the connection closes it, once the library is done with it.</summary>
    public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>0 when the connection is over, for whatever reason.</summary>
    public async Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (_packet.IsEmpty && !await NextAsync(cancellationToken))
            return 0;
        var taken = (int)Math.Min(count, _packet.Length);
        _packet.Slice(0, taken).CopyTo(buffer.AsSpan(offset, taken));
        _packet = _packet.Slice(taken);
        return taken;
    }

    public async Task WriteAsync(
        ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var piece in buffer)
                await _stream.WriteAsync(piece, cancellationToken);
        }
        // Gone in the middle of an answer. The library keeps what a sending throws in a task that nobody
        // looks at, but not that it was given up.
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw new OperationCanceledException("The other side is gone.", gone);
        }
    }

    public void Dispose()
    {
        _reader.Complete();
        _stream.Dispose();
        ClientCertificate?.Dispose();
    }

    async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (_hasPacket)
            _reader.AdvanceTo(_packet.End);
        _hasPacket = false;
        PacketHead? judged = null;
        while (true)
        {
            var result = await _reader.ReadAsync(cancellationToken);
            if (judged is null)
                switch (PacketHead.Read(result.Buffer, out var head))
                {
                    case HeadReading.Broken:
                        return Refuse("header");
                    case HeadReading.Whole when !await MayComeAsync(head, cancellationToken):
                        return false;
                    case HeadReading.Whole:
                        judged = head;
                        break;
                }
            if (judged is { } known && result.Buffer.Length >= known.Total)
            {
                (_packet, _hasPacket) = (result.Buffer.Slice(0, known.Total), true);
                return true;
            }

            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return false;
        }
    }

    async Task<bool> MayComeAsync(PacketHead head, CancellationToken cancellationToken)
    {
        if (_admission is not { } admission)
            return head.IsConnect ? head.BodyLength <= StrangerMax || Refuse("size") : Refuse("header");
        if (head.IsConnect)
            return Refuse("header");
        if (head.BodyLength > GuestMax)
            return Refuse("size");
        if (admission.Pace?.Charge(head) is not { } ruling)
            return true;
        if (ruling.IsFlood)
        {
            _refused("rate");
            await admission.Flooded();
            return false;
        }

        if (ruling.Wait > TimeSpan.Zero)
            await Task.Delay(ruling.Wait, _time, cancellationToken);
        return true;
    }

    bool Refuse(string why)
    {
        _refused(why);
        return false;
    }

    sealed record Admission(Pace? Pace, Func<Task> Flooded);
}
