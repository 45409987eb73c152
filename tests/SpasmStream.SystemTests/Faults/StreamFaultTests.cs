using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>Streams as no device should send them: too many, too much, bad, late.</summary>
public sealed class StreamFaultTests
{
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task F11_Acknowledgements_held_over_two_broker_restarts_put_no_byte_on_the_third_connection()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        var now = WorkerRig.Now;
        byte[] Messages(params (int PacketId, int T)[] all) => [.. all.SelectMany(it =>
            RawMqtt.Publish(it.PacketId, WorkerRig.Topic, WorkerRig.Bpm(now - 60_000 + it.T)))];
        RawMqtt third;
        using (var first = await broker.AcceptAsync())
        {
            await rig.Worker.WaitUntilReadyAsync(rig.Page);
            using var file = rig.Lock();
            await first.SendAsync(Messages((1, 1), (2, 2), (3, 3)));
            await rig.Process.WaitForLineAsync("cannot commit");
            first.Abort();
            using (var second = await broker.AcceptAsync())
                second.Abort();
            third = await broker.AcceptAsync();
            // Another message under the packet id of one that is held.
            await third.SendAsync(Messages((2, 20)));
        }

        using (third)
        {
            // The three are committed first; the first byte here answers the new message all the same.
            Assert.Equal(new Puback(2, 0), await third.ReadPubackAsync(TimeSpan.FromSeconds(20)));
            Assert.Equal(1, rig.Count($"SELECT count(*) FROM sample WHERE t={now - 60_000 + 20}"));
            await third.SendAsync(Messages((1, 1), (2, 2), (3, 3), (9, 9)));
            foreach (var id in new[] { 1, 2, 3, 9 })
                Assert.Equal(new Puback(id, 0), await third.ReadPubackAsync());
        }

        Assert.Equal([1, 2, 3, 9, 20], rig.Column($"SELECT t - {now - 60_000} FROM sample ORDER BY t"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample_superseded"));
    }

    [Fact]
    public Task F14_A_backlog_of_ten_thousand_behind_a_slow_disk_is_stored_once() =>
        BacklogAsync(messages: 10_000, within: null, mebibytes: null);

    [NightlyFact]
    public Task F14_A_backlog_of_a_hundred_thousand_is_stored_once_in_two_minutes_and_150_MiB() =>
        BacklogAsync(messages: 100_000, within: TimeSpan.FromSeconds(120), mebibytes: 150);

    [Fact]
    public Task F15_Of_a_flood_at_QoS_0_every_message_is_stored_or_counted_and_QoS_1_is_unharmed() =>
        FloodAsync(messages: 2_000, mebibytes: null);

    [NightlyFact]
    public Task F15_A_flood_of_400_MB_at_QoS_0_grows_us_by_64_MiB_at_most() =>
        FloodAsync(messages: 20_000, mebibytes: 64);

    [Fact]
    public async Task F16_After_1500_malformed_messages_a_hundred_good_ones_are_stored()
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        using var device = await RawMqtt.ConnectAsync(broker.Port, "poison");
        var began = TimeProvider.System.GetTimestamp();
        await PublishAsync(device, 1_500, i => $"poison {i}", WorkerRig.Topic);
        await PublishAsync(device, 100, _ => book.Message(book.Next()), book.Topic);

        await rig.UntilAsync("SELECT count(*) FROM sample", 100);
        if (NightlyFactAttribute.IsNight)
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        Assert.Equal(1_500, rig.Count("SELECT count(*) FROM dead_letter WHERE reason='json'"));
        Assert.Equal(1_500, rig.Count("SELECT count(*) FROM dead_payload"));
        Assert.Equal((1_600, 1_500, 100), (rig.Counter("MessagesReceived"), rig.Counter("MessagesDead"),
            rig.Counter("MessagesStored")));
        book.Judge(rig.File).AssertClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public Task F17_However_large_the_commits_acknowledgements_leave_in_the_order_of_arrival(int batch) =>
        OrderAsync(batch, messages: batch == 1 ? 300 : 3_000);

    [NightlyFact]
    public Task F17_Ten_thousand_acknowledgements_leave_in_the_order_of_arrival() =>
        OrderAsync(batch: 133, messages: 10_000);

    static async Task BacklogAsync(int messages, TimeSpan? within, int? mebibytes)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoSettings { Persistence = false });
        await using var rig = WorkerRig.Make(
            ("Notify:Mqtt", "false"), ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        rig.Failpoints = "before_commit=delay:50";
        await rig.StartAgainAsync();
        await rig.Worker.StopAsync();
        using (var device = await RawMqtt.ConnectAsync(broker.Port))
            await PublishAsync(device, messages, _ => book.Message(book.Next()), book.Topic, book);

        broker.Process.Send(Signal.Stop);
        await rig.StartAgainAsync(ready: false);
        await rig.Process.WaitForLineAsync("followed again");
        var idle = rig.Process.ResidentMiB;
        var most = idle;
        broker.Process.Send(Signal.Continue);
        var began = TimeProvider.System.GetTimestamp();
        await rig.Process.WaitUntilAsync(_ =>
        {
            most = Math.Max(most, rig.Process.ResidentMiB);
            return Task.FromResult(rig.Count("SELECT count(*) FROM sample") >= messages);
        }, "all stored", _patience);

        var took = TimeProvider.System.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{messages} in {took.TotalSeconds:F1} s, resident {idle:F0} MiB idle, {most:F0} MiB at most");
        book.Judge(rig.File).AssertClean();
        Assert.Equal(messages, rig.Counter("MessagesStored"));
        if (within is { } longest)
            Assert.InRange(took, TimeSpan.Zero, longest);
        if (mebibytes is { } growth)
            Assert.InRange(most - idle, -100, growth);
    }

    static async Task FloodAsync(int messages, int? mebibytes)
    {
        const int every = 100;
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        var (start, padding) = (WorkerRig.Now - 20_000_000, new string(' ', 20_000));
        var answered = AnswersAsync(link, messages / every);
        var idle = rig.Process.AnonymousMiB;
        var flooding = Task.CompletedTask;
        using (rig.Lock())
        {
            flooding = SendAsync();
            await rig.Process.WaitForLineAsync("cannot commit");
            var grown = rig.Process.AnonymousMiB - idle;
            TestContext.Current.TestOutputHelper?.WriteLine($"grown by {grown:F0} MiB");
            if (mebibytes is { } most)
                Assert.InRange(grown, -100, most);
        }

        await flooding;
        Assert.Equal(Enumerable.Range(1, messages / every), await answered);
        await rig.UntilAsync("""
            SELECT (SELECT count(*) FROM sample) + (SELECT coalesce(sum(lost), 0) FROM gap)
            """, messages + messages / every, _patience);
        Assert.Equal(messages / every, rig.Count($"SELECT count(*) FROM sample WHERE value=99"));
        Assert.Equal(rig.Counter("DroppedQos0"), rig.Count("SELECT coalesce(sum(lost), 0) FROM gap"));

        async Task SendAsync()
        {
            for (var i = 0; i < messages; i++)
            {
                await link.SendAsync(RawMqtt.PublishOnce(
                    WorkerRig.Topic, WorkerRig.Bpm(start + i, 60) + padding), _patience);
                if (i % every == 0)
                    await link.SendAsync(RawMqtt.Publish(
                        i / every + 1, WorkerRig.Topic, WorkerRig.Bpm(start + messages + i, 99)), _patience);
            }
        }
    }

    static async Task OrderAsync(int batch, int messages)
    {
        const int window = 500;
        var random = new Random(batch);
        var book = new SetFull();
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port, ("Intake:BatchMessages", $"{batch}"));
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        var ids = new long[messages + 1];
        var answered = AnswersAsync(link, messages, packetId => book.Answered(ids[packetId], 0));
        for (var sent = 0; sent < messages;)
        {
            // As many as a broker may have out, in pieces of any size.
            await rig.Process.WaitUntilAsync(
                _ => Task.FromResult(sent - book.Acknowledged.Count < window), "acknowledged", _patience);
            var some = random.Next(1, Math.Min(messages - sent, window - sent + book.Acknowledged.Count) + 1);
            var bytes = new List<byte>();
            for (var i = 0; i < some; i++)
            {
                ids[++sent] = book.Next();
                bytes.AddRange(RawMqtt.Publish(sent, book.Topic, book.Message(ids[sent])));
            }

            await link.SendAsync(bytes.ToArray());
        }

        Assert.Equal(Enumerable.Range(1, messages), await answered);
        book.Judge(rig.File).AssertClean();
        Assert.Equal(messages, rig.Count("SELECT count(*) FROM sample"));
    }

    static async Task<List<int>> AnswersAsync(RawMqtt link, int count, Action<int>? answered = null)
    {
        var ids = new List<int>();
        while (ids.Count < count)
        {
            var packet = await link.ReadAsync(_patience);
            Assert.NotNull(packet);
            if (packet.Type != RawMqtt.PubackType)
                continue;
            ids.Add((packet.Body[0] << 8) | packet.Body[1]);
            answered?.Invoke(ids[^1]);
        }

        return ids;
    }

    static async Task PublishAsync(
        RawMqtt device, int messages, Func<int, string> payload, string topic, SetFull? book = null)
    {
        for (var sent = 0; sent < messages; sent += 50)
        {
            var texts = Enumerable.Range(sent, Math.Min(50, messages - sent)).Select(payload).ToList();
            await device.SendAsync(
                texts.SelectMany((text, i) => RawMqtt.Publish(i + 1, topic, text)).ToArray());
            for (var i = 0; i < texts.Count; i++)
            {
                var answer = await device.ReadPubackAsync();
                book?.Answered(SetFull.IdOf(texts[answer.PacketId - 1]), answer.Reason);
            }
        }
    }

    /// <summary>One connection only, not waited for: the test is the broker.</summary>
    static async Task<WorkerRig> StartAsync(int port, params (string Key, string Value)[] settings)
    {
        var rig = WorkerRig.Make(
            [("Notify:Mqtt", "false"), ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{port}"), .. settings]);
        await rig.StartAgainAsync(ready: false);
        return rig;
    }
}
