using System.Buffers.Binary;
using System.Text;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;

namespace SpasmStream.SystemTests.Contract;

/// <summary>How messages of an external broker are taken and acknowledged, byte by byte.</summary>
public sealed class ReceiveTests
{
    const int PubrecType = 5;
    const int PubcompType = 7;

    [Fact]
    public async Task D3_What_comes_with_the_welcome_and_before_the_subscription_is_taken_and_acknowledged()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        using var link = await rig.During(broker.WelcomeAsync(
            sessionPresent: true, behind: [Message(1), Message(2)]));
        await link.SendAsync(Message(3));
        await ScriptedBroker.AnswerAsync(link, 1);
        await link.SendAsync(Message(4));

        var got = await sink.TakeAsync(4);
        Assert.Equal([1, 2, 3, 4], got.Select(it => (int)it.PacketId));
        Assert.Equal("4", Encoding.UTF8.GetString(got[3].Payload.Span));
        sink.Acknowledge(got);

        await rig.UntilConnectedAsync();
        for (var id = 1; id <= 4; id++)
            Assert.Equal(new Puback(id, 0), await link.ReadPubackAsync());
    }

    [Fact]
    public async Task F17_After_commits_of_any_size_acknowledgements_leave_in_the_order_of_arrival()
    {
        const int Count = 10_000;
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        using var link = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        var random = new Random(17);

        var committing = Task.Run(async () =>
        {
            for (var left = Count; left > 0;)
            {
                var batch = await sink.TakeAsync(Math.Min(left, 1 + random.Next(500)));
                sink.Acknowledge(batch);
                left -= batch.Count;
            }
        }, TestContext.Current.CancellationToken);
        var sending = Task.Run(async () =>
        {
            foreach (var some in Enumerable.Range(1, Count).Chunk(333))
                await link.SendAsync(some.SelectMany(Message).ToArray());
        }, TestContext.Current.CancellationToken);

        for (var id = 1; id <= Count; id++)
            Assert.Equal(new Puback(id, 0), await link.ReadPubackAsync());
        await sending;
        await committing;
        Assert.Equal(0, rig.Queue.Messages);
    }

    [Fact]
    public async Task F11_What_was_held_over_two_restarts_of_the_broker_is_acknowledged_nowhere()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        var held = new List<Delivery>();
        for (var restart = 0; restart < 2; restart++)
        {
            using var link = await rig.During(broker.AcceptAsync());
            await rig.UntilConnectedAsync();
            await link.SendAsync((byte[])[.. Message(1), .. Message(2), .. Message(3)]);
            held.AddRange(await sink.TakeAsync(3));
        }

        using var last = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        await last.SendAsync(Message(9));
        var news = await sink.TakeAsync(1);
        sink.Acknowledge(held);
        sink.Acknowledge(news);

        // The very first bytes are of the new message, and the next of the one that comes again.
        Assert.Equal(new Puback(9, 0), await last.ReadPubackAsync());
        await last.SendAsync(Message(2));
        await sink.TakeAndAcknowledgeAsync(1);
        Assert.Equal(new Puback(2, 0), await last.ReadPubackAsync());
    }

    [Fact]
    public async Task B38_A_message_of_QoS_2_is_answered_step_by_step_after_its_commit()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        using var link = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        await link.SendAsync(
            (byte[])[.. Message(4), .. RawMqtt.PublishTwice(5, "t", "twice"), .. Message(6)]);
        await sink.TakeAndAcknowledgeAsync(3);

        Assert.Equal(new Puback(4, 0), await link.ReadPubackAsync());
        Assert.Equal((PubrecType, 5), await AnsweredAsync(link));
        Assert.Equal(new Puback(6, 0), await link.ReadPubackAsync());
        await link.SendAsync(RawMqtt.Frame(0x62, [0, 5]));
        Assert.Equal((PubcompType, 5), await AnsweredAsync(link));
    }

    [Fact]
    public async Task B29_What_comes_again_came_within_the_hour_before_the_broker_last_sent_something_new()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        Assert.Equal(Instant.MinValue, await RepeatsFromAsync(rig, broker, sink, false));
        var cut = rig.Time.GetUtcNow();

        var second = await RepeatsFromAsync(rig, broker, sink, true);
        Assert.InRange(second.ToDateTimeOffset(), cut.AddHours(-1).AddMinutes(-2), cut.AddHours(-1));
        // Cut off amid what came again: the rest of it is as old as before.
        Assert.Equal(second, await RepeatsFromAsync(rig, broker, sink, true, false));
        var fourth = await RepeatsFromAsync(rig, broker, sink, true);
        Assert.True(fourth > second, $"{fourth} is not after {second}.");

        await rig.StartAsync();
        sink = new Sink(rig.Queue);
        var restarted = await RepeatsFromAsync(rig, broker, sink, true);
        Assert.True(restarted >= fourth, $"{restarted} is before {fourth}.");
    }

    /// <summary>One connection with some messages; from when on they may have come before.</summary>
    static async Task<Instant> RepeatsFromAsync(
        IntakeRig rig, ScriptedBroker broker, Sink sink, params bool[] dups)
    {
        using var link = await rig.During(broker.WelcomeAsync(sessionPresent: true));
        await ScriptedBroker.AnswerAsync(link, 1);
        await rig.UntilConnectedAsync();
        foreach (var dup in dups)
            await link.SendAsync(RawMqtt.Publish(1, "t", "x"u8, dup));
        var taken = await sink.TakeAsync(dups.Length);
        sink.Acknowledge(taken);
        link.Abort();
        await rig.UntilAsync(() => !rig.State.Listening, "cut off");
        return taken[0].RepeatsFrom;
    }

    [Fact]
    public async Task B28_We_take_no_topic_alias_and_whoever_sends_one_is_left()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        using (var link = await rig.During(broker.AcceptAsync()))
        {
            // Session expiry, receive maximum, largest packet; and not 0x22, the aliases that we would take.
            Assert.Equal("11 00093A80 21 1F40 27 01000000".Replace(" ", "", StringComparison.Ordinal),
                Convert.ToHexString(broker.Connect, 11, broker.Connect[10]));
            await rig.UntilConnectedAsync();
            await link.SendAsync(RawMqtt.Publish(1, "t"u8, [0x23, 0, 1], "1"));
            Assert.NotEqual(RawMqtt.PubackType, (await link.ReadAsync())?.Type);
        }

        using var next = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        Assert.Equal(0, rig.Queue.Messages);
    }

    [Theory]
    [InlineData("a packet of 20 MiB", new byte[] { 0x32, 0x80, 0x80, 0x80, 10 })]
    [InlineData("a length of five bytes", new byte[] { 0x32, 0x80, 0x80, 0x80, 0x80, 1 })]
    [InlineData("a topic longer than its packet", new byte[] { 0x32, 3, 0, 9, 97 })]
    public async Task M4_A_broker_that_breaks_the_protocol_is_left_and_what_came_before_is_kept(
        string what, byte[] bytes)
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var sink = new Sink(rig.Queue);
        using (var link = await rig.During(broker.AcceptAsync()))
        {
            await rig.UntilConnectedAsync();
            await link.SendAsync((byte[])[.. Message(1), .. bytes]);
            Assert.Equal(1, Assert.Single(await sink.TakeAsync(1)).PacketId);
            Assert.True(await link.ReadAsync() is null or { Type: RawMqtt.DisconnectType }, what);
        }

        using var next = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
    }

    static byte[] Message(int id) => RawMqtt.Publish(id, "t", $"{id}");

    static async Task<(int Type, int PacketId)> AnsweredAsync(RawMqtt link)
    {
        var packet = await link.ReadAsync();
        return (packet!.Type, BinaryPrimitives.ReadUInt16BigEndian(packet.Body));
    }
}
