using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SpasmStream.SystemTests.Support;

/// <summary>A server that speaks TLS 1.1 and nothing newer, as far as its first words.</summary>
sealed class OldTlsServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly TaskCompletionSource<int[]> _offered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task _serving;

    public OldTlsServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>The versions that the first client offered.</summary>
    public Task<int[]> OfferedAsync() => _offered.Task;

    public void Dispose()
    {
        _listener.Dispose();
        _serving.Wait();
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var head = new byte[5];
                await stream.ReadExactlyAsync(head);
                var hello = new byte[BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(3))];
                await stream.ReadExactlyAsync(hello);
                _offered.TrySetResult(Versions(hello));
                // ServerHello: TLS 1.1, 32 bytes of chance, no session, AES128-SHA, no compression.
                byte[] answer = [0x03, 0x02, .. new byte[32], 0, 0x00, 0x2F, 0];
                await stream.WriteAsync(new byte[]
                {
                    0x16, 0x03, 0x02, 0, (byte)(answer.Length + 4), 2, 0, 0, (byte)answer.Length,
                }.Concat(answer).ToArray());
                // What it says to that is its own affair; then it goes.
                await stream.CopyToAsync(Stream.Null);
            }
        }
        catch (Exception ended) when (ended is ObjectDisposedException or SocketException or IOException)
        {
            // The test is over.
        }
    }

    /// <summary>What the extension supported_versions lists.</summary>
    static int[] Versions(ReadOnlySpan<byte> hello)
    {
        var rest = hello[38..];                     // type, length, version, chance
        rest = rest[(1 + rest[0])..];               // session
        rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest))..];    // ciphers
        rest = rest[(1 + rest[0] + 2)..];           // compression, length of the extensions
        while (!rest.IsEmpty)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest),
                BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (type == 43)
            {
                var list = rest.Slice(5, length - 1).ToArray();
                return [.. list.Chunk(2).Select(pair => (pair[0] << 8) | pair[1])];
            }
            rest = rest[(4 + length)..];
        }

        return [BinaryPrimitives.ReadUInt16BigEndian(hello[4..])];
    }
}
