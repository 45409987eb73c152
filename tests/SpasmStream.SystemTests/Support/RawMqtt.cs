using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SpasmStream.SystemTests.Support;

/// <summary>One packet as it came: its type, the four flags, and what follows the length.</summary>
sealed record Packet(int Type, int Flags, byte[] Body);

/// <summary>A PUBACK: which packet it answers, 0 when kept.</summary>
readonly record struct Puback(int PacketId, int Reason);

/// <summary>An MQTT 5 client of bytes: sees the exact order, may send what no client would.</summary>
sealed class RawMqtt : IDisposable
{
    public const int ConnackType = 2;
    public const int PubackType = 4;
    public const int DisconnectType = 14;

    static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    readonly TcpClient _socket;
    readonly Stream _stream;

    RawMqtt(TcpClient socket, Stream? stream = null) =>
        (_socket, _stream) = (socket, stream ?? socket.GetStream());

    /// <summary>The other end of a connection that was accepted.</summary>
    public static RawMqtt Over(TcpClient socket) => new(socket);

    /// <summary>Opens the connection and says nothing yet.</summary>
    public static async Task<RawMqtt> OpenAsync(int port)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return new(socket);
    }

    /// <summary>The same over TLS; throws what the handshake throws.</summary>
    public static async Task<RawMqtt> OpenTlsAsync(int port, SslClientAuthenticationOptions options)
    {
        var socket = new TcpClient { NoDelay = true };
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            var stream = new SslStream(socket.GetStream());
            using var stop = new CancellationTokenSource(_patience);
            await stream.AuthenticateAsClientAsync(options, stop.Token);
            return new(socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens and connects; fails unless the broker accepts.</summary>
    public static async Task<RawMqtt> ConnectAsync(
        int port, string clientId = "raw", string? account = null, string? password = null)
    {
        var client = await OpenAsync(port);
        Assert.Equal(0, await client.SignInAsync(clientId, account, password));
        return client;
    }

    /// <summary>Sends CONNECT, clean start, keep-alive 60 s; the reason code of the CONNACK.</summary>
    public async Task<int> SignInAsync(
        string clientId, string? account = null, string? password = null,
        (string Topic, string Payload)? will = null)
    {
        await SendAsync(Connect(clientId, account, password, will));
        var answer = await ReadAsync();
        Assert.Equal(ConnackType, answer?.Type);
        return answer!.Body[1];
    }

    /// <summary>The bytes of a CONNECT; a will is of QoS 1.</summary>
    public static byte[] Connect(
        string clientId, string? account = null, string? password = null,
        (string Topic, string Payload)? will = null, uint expiry = 0, bool clean = true)
    {
        var flags = (clean ? 0x02 : 0) | (account is null ? 0 : 0x80) | (password is null ? 0 : 0x40)
            | (will is null ? 0 : 0x0C);
        byte[] properties = expiry == 0 ? [0] : [5, 17, .. BitConverter.GetBytes(expiry).Reverse()];
        byte[] body = [.. Text("MQTT"), 5, (byte)flags, 0, 60, .. properties, .. Text(clientId)];
        if (will is { } last)
            body = [.. body, 0, .. Text(last.Topic), .. Text(last.Payload)];
        if (account is not null)
            body = [.. body, .. Text(account)];
        if (password is not null)
            body = [.. body, .. Text(password)];
        return Frame(0x10, body);
    }

    /// <summary>The bytes of a CONNECT of MQTT 3.1.1.</summary>
    public static byte[] ConnectOld(string clientId, string account, string password) => Frame(0x10,
        [.. Text("MQTT"), 4, 0xC2, 0, 60, .. Text(clientId), .. Text(account), .. Text(password)]);

    /// <summary>The bytes of a QoS 1 PUBLISH of MQTT 3.1.1.</summary>
    public static byte[] PublishOld(int packetId, string topic, string payload) => Frame(0x32,
        [.. Text(topic), (byte)(packetId >> 8), (byte)packetId, .. Encoding.UTF8.GetBytes(payload)]);

    /// <summary>Goes without a word, as a device does whose battery is empty.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>The bytes of a QoS 1 PUBLISH, to be sent alone or joined with others.</summary>
    public static byte[] Publish(int packetId, string topic, ReadOnlySpan<byte> payload) =>
        Publish(packetId, topic, payload, dup: false);

    /// <summary>The same, said to be sent once more or not.</summary>
    public static byte[] Publish(int packetId, string topic, ReadOnlySpan<byte> payload, bool dup) =>
        Frame((byte)(dup ? 0x3A : 0x32),
            [.. Text(topic), (byte)(packetId >> 8), (byte)packetId, 0, .. payload]);

    public static byte[] Publish(int packetId, string topic, string payload) =>
        Publish(packetId, topic, Encoding.UTF8.GetBytes(payload));

    /// <summary>The bytes of a QoS 1 PUBLISH with any topic and properties.</summary>
    public static byte[] Publish(
        int packetId, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> properties, string payload) =>
        Frame(0x32, [(byte)(topic.Length >> 8), (byte)topic.Length, .. topic, (byte)(packetId >> 8),
            (byte)packetId, (byte)properties.Length, .. properties, .. Encoding.UTF8.GetBytes(payload)]);

    /// <summary>The bytes of a QoS 0 PUBLISH, retained or not.</summary>
    public static byte[] PublishOnce(string topic, string payload, bool retain = false) =>
        Frame((byte)(retain ? 0x31 : 0x30), [.. Text(topic), 0, .. Encoding.UTF8.GetBytes(payload)]);

    /// <summary>The bytes of a QoS 2 PUBLISH.</summary>
    public static byte[] PublishTwice(int packetId, string topic, string payload) => Frame(0x34,
        [.. Text(topic), (byte)(packetId >> 8), (byte)packetId, 0, .. Encoding.UTF8.GetBytes(payload)]);

    /// <summary>The bytes of a SUBSCRIBE for one filter at QoS 1.</summary>
    public static byte[] Subscribe(int packetId, string filter) =>
        Frame(0x82, [(byte)(packetId >> 8), (byte)packetId, 0, .. Text(filter), 1]);

    /// <summary>The bytes of an UNSUBSCRIBE of one filter.</summary>
    public static byte[] Unsubscribe(int packetId, string filter) =>
        Frame(0xA2, [(byte)(packetId >> 8), (byte)packetId, 0, .. Text(filter)]);

    /// <summary>A packet of any first byte and body, its length in front.</summary>
    public static byte[] Frame(byte first, ReadOnlySpan<byte> body)
    {
        var frame = new List<byte> { first };
        var length = body.Length;
        do
        {
            var digit = (byte)(length & 0x7F);
            length >>= 7;
            frame.Add((byte)(length > 0 ? digit | 0x80 : digit));
        }
        while (length > 0);
        return [.. frame, .. body];
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan? within = null)
    {
        using var stop = new CancellationTokenSource(within ?? _patience);
        await _stream.WriteAsync(bytes, stop.Token);
    }

    /// <summary>The next packet; null when the other side has closed or reset the connection.</summary>
    public async Task<Packet?> ReadAsync(TimeSpan? within = null)
    {
        using var stop = new CancellationTokenSource(within ?? _patience);
        try
        {
            var one = new byte[1];
            await _stream.ReadExactlyAsync(one, stop.Token);
            var first = one[0];
            int length = 0, shift = 0;
            do
            {
                await _stream.ReadExactlyAsync(one, stop.Token);
                length |= (one[0] & 0x7F) << shift;
                shift += 7;
            }
            while ((one[0] & 0x80) != 0);
            var body = new byte[length];
            await _stream.ReadExactlyAsync(body, stop.Token);
            return new(first >> 4, first & 0x0F, body);
        }
        catch (Exception ended) when (ended is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    /// <summary>The next packet, which must be a PUBACK.</summary>
    public async Task<Puback> ReadPubackAsync(TimeSpan? within = null)
    {
        var packet = await ReadAsync(within);
        Assert.Equal(PubackType, packet?.Type);
        var body = packet!.Body;
        return new(BinaryPrimitives.ReadUInt16BigEndian(body), body.Length > 2 ? body[2] : 0);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }
}
