using System.Net;
using System.Net.Sockets;
using SpasmStream.Worker.Intake;

namespace SpasmStream.SystemTests.Contract;

/// <summary>
/// A connection that is told of only when much waits: nothing that came is overlooked afterwards.
/// </summary>
public sealed class LowWaterTests
{
    const int Much = 128 * 1024;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_came_meanwhile_is_read_at_once_and_what_comes_later_too()
    {
        await using var pair = await PairAsync();
        var buffer = new byte[100];
        for (var round = 0; round < 50; round++)
        {
            pair.Line.TellFrom(Much);
            await pair.Broker.SendAsync(new byte[10], Stop);
            pair.Line.TellFrom(1);
            Assert.Equal(10, await pair.Stream.ReadAtLeastAsync(buffer, 10, true, Stop));
            var later = pair.Stream.ReadAsync(buffer, Stop);
            await pair.Broker.SendAsync(new byte[1], Stop);
            Assert.Equal(1, await later);
        }
    }

    [Fact]
    public async Task A_read_that_waits_already_is_woken_by_as_much_as_was_said_and_by_the_end()
    {
        await using var pair = await PairAsync();
        var buffer = new byte[4 * Much];
        var first = pair.Stream.ReadAsync(buffer.AsMemory(0, 1), Stop);
        pair.Line.TellFrom(20);
        await pair.Broker.SendAsync(new byte[20], Stop);
        Assert.Equal(1, await first);
        Assert.Equal(19, await pair.Stream.ReadAtLeastAsync(buffer.AsMemory(0, 19), 19, true, Stop));

        var last = pair.Stream.ReadAsync(buffer, Stop);
        pair.Line.TellFrom(Much);
        pair.Broker.Shutdown(SocketShutdown.Both);

        Assert.Equal(0, await last);
    }

    static async Task<Pair> PairAsync()
    {
        using var door = new TcpListener(IPAddress.Loopback, 0);
        door.Start();
        var line = new LineStreamProvider(new LineWatch(TimeProvider.System));
        var connecting = line.ConnectAsync(door.LocalEndpoint, Stop);
        var broker = await door.AcceptSocketAsync(Stop);
        return new Pair(line, await connecting, broker);
    }

    sealed record Pair(LineStreamProvider Line, Stream Stream, Socket Broker) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Stream.DisposeAsync();
            Broker.Dispose();
        }
    }
}
