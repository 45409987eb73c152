using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>The worker as a client, seen byte by byte.</summary>
public sealed class ExternalBrokerTests
{
    [Fact]
    public async Task M1_A_late_acknowledgement_never_reaches_a_message_of_the_next_connection()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        var now = WorkerRig.Now;
        RawMqtt next;
        using (var first = await broker.AcceptAsync())
        {
            await rig.Worker.WaitUntilReadyAsync(rig.Page);
            using var file = rig.Lock();
            await first.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(now - 3000)));
            // The writer has it in hand, and its acknowledgement is late from now on.
            await rig.Process.WaitForLineAsync("cannot commit");
            first.Dispose();
            next = await broker.AcceptAsync();
            await next.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(now - 2000)));
        }

        using (next)
        {
            Assert.Equal(new Puback(1, 0), await next.ReadPubackAsync(TimeSpan.FromSeconds(20)));
            Assert.Equal(1, rig.Count($"SELECT count(*) FROM sample WHERE t={now - 2000}"));
            await next.SendAsync(RawMqtt.Publish(2, WorkerRig.Topic, WorkerRig.Bpm(now - 1000)));
            Assert.Equal(new Puback(2, 0), await next.ReadPubackAsync());
            Assert.Equal(3, rig.Count("SELECT count(*) FROM sample"));
        }
    }

    [Fact]
    public async Task D3_Many_waiting_messages_are_acknowledged_in_order_after_few_commits()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        var start = WorkerRig.Now - 600_000;
        var before = 0;
        using (rig.Lock())
        {
            before = WalFile.Commits(rig.File.Path);
            await link.SendAsync(Enumerable.Range(1, 500)
                .SelectMany(id => RawMqtt.Publish(id, WorkerRig.Topic, WorkerRig.Bpm(start + id * 1000)))
                    .ToArray());
        }

        for (var id = 1; id <= 500; id++)
            Assert.Equal(new Puback(id, 0), await link.ReadPubackAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(500, rig.Count("SELECT count(*) FROM sample"));
        Assert.InRange(WalFile.Commits(rig.File.Path) - before, 1, 25);
    }

    [Fact]
    public async Task D4_At_the_hard_cap_the_connection_ends_and_everything_sent_again_is_stored()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port, [
            ("Intake:LowWaterMessages", "5"), ("Intake:HighWaterMessages", "10"),
                ("Intake:HardCapMessages", "50")]);
        var start = WorkerRig.Now - 600_000;
        var all = Enumerable.Range(1, 200)
            .Select(id => RawMqtt.Publish(id, WorkerRig.Topic, WorkerRig.Bpm(start + id * 1000))).ToList();
        var acknowledged = new HashSet<int>();
        using (var link = await broker.AcceptAsync())
        {
            await rig.Worker.WaitUntilReadyAsync(rig.Page);
            using var file = rig.Lock();
            await link.SendAsync(all.SelectMany(it => it).ToArray());
            while (await link.ReadAsync(TimeSpan.FromSeconds(20)) is { } packet
                && packet.Type != RawMqtt.DisconnectType)
                Assert.NotEqual(RawMqtt.PubackType, packet.Type);
        }

        while (acknowledged.Count < all.Count)
        {
            using var link = await broker.AcceptAsync();
            // What is unacknowledged comes again, no more than the worker can hold at once.
            foreach (var id in Enumerable.Range(1, 200).Except(acknowledged).Take(40).ToList())
            {
                await link.SendAsync(all[id - 1]);
                var answer = await link.ReadPubackAsync(TimeSpan.FromSeconds(20));
                Assert.Equal(new Puback(id, 0), answer);
                acknowledged.Add(answer.PacketId);
            }
        }

        Assert.Equal(200, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample_superseded"));
    }

    [Fact]
    public async Task M2_Poison_messages_are_dead_letters_and_the_stream_goes_on()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);

        await link.SendAsync(Enumerable.Range(1, 1500)
            .SelectMany(id => RawMqtt.Publish(id, WorkerRig.Topic, $"poison {id}")).ToArray());
        for (var id = 1; id <= 1500; id++)
            Assert.Equal(new Puback(id, 0), await link.ReadPubackAsync());
        await link.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));

        Assert.Equal(new Puback(1, 0), await link.ReadPubackAsync());
        Assert.Equal(1500, rig.Count("SELECT count(*) FROM dead_letter WHERE reason='json'"));
        Assert.Equal(1500, rig.Counter("MessagesDead"));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task M5_A_refused_connection_is_noticed_and_not_asked_for_again_at_once()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoSettings
        {
            Passwords = new Dictionary<string, string> { ["spasmstream"] = "right" },
        });
        await using var rig = await StartAsync(broker.Port, [
            ("Mqtt:User", "spasmstream"), ("Mqtt:Password", "wrong")]);

        Assert.Contains("NotAuthorized", await rig.Process.WaitForLineAsync("refuses us"),
            StringComparison.Ordinal);
        Assert.False(rig.Process.HasExited);
        Assert.Equal(0, await rig.Worker.StopAsync());
    }

    [Fact]
    public async Task M5_A_refused_subscription_is_noticed()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        using var link = await broker.AcceptAsync(suback: 0x87);

        Assert.Contains("subscription NotAuthorized", await rig.Process.WaitForLineAsync("refuses us"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task D10_Goodbye_is_a_plain_disconnect_that_leaves_the_session_alone()
    {
        using var broker = new ScriptedBroker();
        await using var rig = await StartAsync(broker.Port);
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        var stopping = rig.Worker.StopAsync();

        var goodbye = await link.ReadAsync();

        Assert.Equal(RawMqtt.DisconnectType, goodbye?.Type);
        // Reason 0, and no property: a session expiry of zero here would throw the session away.
        Assert.All(goodbye!.Body, part => Assert.Equal(0, part));
        Assert.Equal(0, await stopping);
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
