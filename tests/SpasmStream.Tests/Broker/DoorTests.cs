using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;
using SpasmStream.Tests.Hosting;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Broker;

/// <summary>The embedded broker's door on a port of this machine.</summary>
public sealed class DoorTests
{
    [Fact(Timeout = 60_000)]
    public async Task S10_A_fault_of_ours_while_one_is_let_in_cuts_that_one_off_and_shuts_nobody_else_out()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        var options = new BrokerOptions { Port = FreePort() };
        var time = new FaultyTime();
        using var endpoints = new BrokerEndpoints(options);
        using var door = new BrokerDoor(endpoints, options, new SecurityJournal(
            new SecurityLog(folder.At("data")), time, NullLogger<SecurityJournal>.Instance), time,
            NullLogger.Instance);
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        door.ClientHandler = _ =>
        {
            served.TrySetResult();
            return Task.CompletedTask;
        };
        door.Open();
        await door.StartAsync(new MqttServerOptions(), MqttNetNullLogger.Instance);
        time.Faults = 1;

        using var first = await ConnectAsync(options.Port, stop);
        Assert.Equal(0, await ReadAsync(first, stop));
        Assert.Equal(0, door.Seats.Taken);
        using var second = await ConnectAsync(options.Port, stop);
        await served.Task.WaitAsync(stop);

        await door.StopAsync();
    }

    static async Task<TcpClient> ConnectAsync(int port, CancellationToken stop)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, stop);
        return client;
    }

    // Closed with nothing left to read, or reset: both end it.
    static async Task<int> ReadAsync(TcpClient client, CancellationToken stop)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1], stop);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The machine's time, whose next timers cannot be made.</summary>
    sealed class FaultyTime : TimeProvider
    {
        int _faults;

        public int Faults
        {
            set => Volatile.Write(ref _faults, value);
        }

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Interlocked.Decrement(ref _faults) >= 0
                ? throw new InvalidOperationException("No more timers.")
                : base.CreateTimer(callback, state, dueTime, period);
    }
}
