using System.Net;
using System.Net.Sockets;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>The faults themselves: what a red test accuses did happen.</summary>
public sealed class RigTests
{
    static readonly byte[] _hundred = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    [Fact]
    public async Task Without_toxics_every_byte_comes_through_both_ways_and_an_end_is_an_end()
    {
        await using var link = await Link.OpenAsync();

        Assert.Equal(_hundred, await link.SendDownAsync(_hundred, 100));
        await link.Client.GetStream().WriteAsync(_hundred, TestContext.Current.CancellationToken);
        link.Client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(_hundred, await Link.ReadAsync(link.Server, 200));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task After_so_many_bytes_the_line_is_reset(int bytes)
    {
        await using var link = await Link.OpenAsync();
        link.Proxy.Down.CutAfter = bytes;

        var read = await link.SendDownAsync(_hundred, 101);

        // A reset may throw away what was not read yet; more than that never comes.
        Assert.Equal(_hundred.Take(read.Length), read);
        Assert.InRange(read.Length, 0, bytes);
        Assert.Empty(await Link.ReadAsync(link.Server, 1));
    }

    [Fact]
    public async Task In_the_byte_that_is_named_one_bit_is_other_and_slices_keep_the_order()
    {
        await using var link = await Link.OpenAsync();
        (link.Proxy.Down.FlipAt, link.Proxy.Down.OneByte) = (42, true);

        var read = await link.SendDownAsync(_hundred, 100);

        Assert.Equal([42], Enumerable.Range(0, 100).Where(i => read[i] != _hundred[i]));
        Assert.Equal(1, int.PopCount(read[42] ^ 42));
    }

    [Fact]
    public async Task A_black_hole_gives_back_nothing_until_it_ends()
    {
        await using var link = await Link.OpenAsync();
        link.Proxy.Blackhole = true;
        var reading = link.SendDownAsync(_hundred, 100);

        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(0, link.Client.Available);
        link.Proxy.Blackhole = false;

        Assert.Equal(_hundred, await reading);
    }

    [Fact]
    public async Task Slow_and_late_it_takes_its_time()
    {
        await using var link = await Link.OpenAsync();
        (link.Proxy.Down.Latency, link.Proxy.Down.Jitter) = (100, 50);
        var began = TimeProvider.System.GetTimestamp();
        await link.SendDownAsync(_hundred, 100);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(99));

        (link.Proxy.Down.Latency, link.Proxy.Down.Jitter) = (0, 0);
        link.Proxy.Down.BytesPerSecond = 100_000;
        began = TimeProvider.System.GetTimestamp();
        var much = new byte[40_000];
        Assert.Equal(much, await link.SendDownAsync(much, much.Length));
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task A_reset_throws_at_both_ends_and_a_closed_proxy_refuses()
    {
        await using var link = await Link.OpenAsync();
        await link.SendDownAsync(_hundred, 100);

        link.Proxy.Close();
        link.Proxy.Reset();

        await Assert.ThrowsAnyAsync<IOException>(async () => await link.Client.GetStream()
            .ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken));
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(
            "127.0.0.1", link.Proxy.Port, TestContext.Current.CancellationToken).AsTask());
        link.Proxy.Open();
        await late.ConnectAsync("127.0.0.1", link.Proxy.Port, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task After_a_half_close_one_side_hears_the_end_and_the_other_still_hears()
    {
        await using var link = await Link.OpenAsync();
        await link.SendDownAsync(_hundred, 100);

        link.Proxy.HalfClose();

        Assert.Equal(0, await link.Client.GetStream().ReadAsync(new byte[1],
            TestContext.Current.CancellationToken));
        await link.Client.GetStream().WriteAsync(_hundred, TestContext.Current.CancellationToken);
        Assert.Equal(_hundred, await Link.ReadAsync(link.Server, 100));
    }

    [Fact]
    public async Task The_same_toxics_befall_a_stream_without_a_socket_of_its_own()
    {
        await using var link = await Link.OpenAsync();
        Toxics up = new(), down = new() { OneByte = true, FlipAt = 3 };
        await using var toxic = new ToxicStream(link.Client.GetStream(), up, down);
        var stop = TestContext.Current.CancellationToken;
        await toxic.WriteAsync(_hundred, stop);
        Assert.Equal(_hundred, await Link.ReadAsync(link.Server, 100));

        await link.Server.GetStream().WriteAsync(_hundred, stop);
        var read = new byte[100];
        await toxic.ReadExactlyAsync(read, stop);
        Assert.Equal([3], Enumerable.Range(0, 100).Where(i => read[i] != _hundred[i]));

        up.CutAfter = 110;
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
                await toxic.WriteAsync(_hundred, stop);
        });
        Assert.Equal(10, (await Link.ReadAsync(link.Server, 10)).Length);
    }

    /// <summary>A client and a server with the proxy between them.</summary>
    sealed class Link : IAsyncDisposable
    {
        Link(ChaosProxy proxy, TcpClient client, TcpClient server) =>
            (Proxy, Client, Server) = (proxy, client, server);

        public ChaosProxy Proxy { get; }

        public TcpClient Client { get; }

        public TcpClient Server { get; }

        public static async Task<Link> OpenAsync()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var proxy = new ChaosProxy(((IPEndPoint)listener.LocalEndpoint).Port);
            var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync("127.0.0.1", proxy.Port);
            return new Link(proxy, client, await listener.AcceptTcpClientAsync());
        }

        /// <summary>Sends from the server; what the client read of it until so many or an end.</summary>
        public async Task<byte[]> SendDownAsync(byte[] bytes, int most)
        {
            var reading = ReadAsync(Client, most);
            await Server.GetStream().WriteAsync(bytes);
            return await reading;
        }

        public static async Task<byte[]> ReadAsync(TcpClient socket, int most)
        {
            var (buffer, read) = (new byte[most], 0);
            try
            {
                for (int more; read < most
                    && (more = await socket.GetStream().ReadAsync(buffer.AsMemory(read))) > 0; read += more)
                {
                }
            }
            catch (IOException)
            {
                // Reset.
            }

            return buffer[..read];
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            Server.Dispose();
            await Proxy.DisposeAsync();
        }
    }
}
