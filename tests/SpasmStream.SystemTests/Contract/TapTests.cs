using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>The tap of the line to an external broker: closed while too much waits for its commit.</summary>
public sealed class TapTests
{
    const int PingType = 12;
    static readonly byte[] _pong = [0xD0, 0];

    [Fact]
    public async Task M3_A_connection_that_ends_while_the_sink_waits_is_followed_by_the_next()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        (rig.Waiting.LowWaterMessages, rig.Waiting.HighWaterMessages) = (1, 2);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        using (var link = await rig.During(broker.AcceptAsync()))
        {
            await rig.UntilConnectedAsync();
            await link.SendAsync((byte[])[.. Message(1), .. Message(2)]);
            var waiting = await sink.TakeAsync(2);
            link.Abort();
            sink.Acknowledge(waiting);
        }

        using var next = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        await next.SendAsync(Message(5));
        await sink.TakeAndAcknowledgeAsync(1);
        Assert.Equal(new Puback(5, 0), await next.ReadPubackAsync());
    }

    [Fact]
    public async Task M3_We_can_stop_while_the_tap_is_closed()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        (rig.Waiting.LowWaterMessages, rig.Waiting.HighWaterMessages) = (1, 2);
        await rig.StartAsync();
        using var link = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        await link.SendAsync((byte[])[.. Message(1), .. Message(2)]);
        await rig.UntilAsync(() => rig.Queue.Messages == 2, "the tap is closed");

        await rig.StopAsync();

        Assert.Equal(RawMqtt.DisconnectType, (await link.ReadAsync())?.Type);
    }

    [Fact]
    public async Task M4_With_the_tap_closed_the_broker_is_held_back_and_nothing_is_lost()
    {
        const int Count = 3_000;
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        using var link = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        var large = new string('x', 20_000);

        // 60 MB of QoS 0, which no broker holds back by itself.
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
                await link.SendAsync(RawMqtt.PublishOnce("t", large));
        }, TestContext.Current.CancellationToken);
        await rig.UntilAsync(() => rig.Queue.Bytes >= rig.Waiting.HighWaterBytes, "the tap is closed");

        Assert.False(sending.IsCompleted);
        for (var left = Count; left > 0; left -= 100)
        {
            // The mark, and what one read brings.
            Assert.InRange(rig.Queue.Bytes, 0, rig.Waiting.HighWaterBytes + 512 * 1024);
            await sink.TakeAndAcknowledgeAsync(100);
        }

        await sending;
        Assert.Equal(0, rig.Queue.TakeDropped().Count);
    }

    [Fact]
    public async Task M7_Behind_a_closed_tap_the_keep_alive_ends_the_connection_and_the_next_waits_for_room()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        (rig.Waiting.LowWaterMessages, rig.Waiting.HighWaterMessages) = (1, 2);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        (await rig.During(broker.WelcomeAsync(serverKeepAlive: 1))).Dispose();
        using (var link = await rig.During(broker.WelcomeAsync(
            serverKeepAlive: 1, behind: [Message(1), Message(2)])))
        {
            // SUBSCRIBE is sent, its answer never read; no fake time passes here, but real time does.
            Assert.Equal(ScriptedBroker.SubscribeType, (await link.ReadAsync())?.Type);
            Assert.Equal(PingType, (await link.ReadAsync())?.Type);
            await link.SendAsync(_pong);
            Assert.Null(await link.ReadAsync());
        }

        var began = rig.Time.GetTimestamp();
        await rig.UntilAsync(() => rig.Time.GetElapsedTime(began) > TimeSpan.FromSeconds(20), "time passes");
        Assert.False(broker.IsAsked);
        await sink.TakeAndAcknowledgeAsync(2);
        using var next = await rig.During(broker.WelcomeAsync(serverKeepAlive: 1));
        await ScriptedBroker.AnswerAsync(next, 1);
        await next.SendAsync(Message(3));
        await sink.TakeAndAcknowledgeAsync(1);
        Assert.Equal(new Puback(3, 0), await next.ReadPubackAsync());
    }

    static byte[] Message(int id) => RawMqtt.Publish(id, "t", $"{id}");
}
