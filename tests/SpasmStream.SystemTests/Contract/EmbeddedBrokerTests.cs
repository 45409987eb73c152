using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

public sealed class EmbeddedBrokerTests
{
    const string BobsTopic = "spasmstream/v1/in/bob/watch/heart-rate";

    [Fact]
    public async Task D3_Acknowledgements_come_in_order_and_only_after_the_row_is_in_the_file()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        var start = WorkerRig.Now - 200_000;
        await ada.SendAsync(Enumerable.Range(1, 100)
            .SelectMany(id => RawMqtt.Publish(id, WorkerRig.Topic, WorkerRig.Bpm(start + id * 1000)))
                .ToArray());

        for (var id = 1; id <= 100; id++)
        {
            Assert.Equal(new Puback(id, 0), await ada.ReadPubackAsync());
            Assert.Equal(1, rig.Count($"SELECT count(*) FROM sample WHERE t={start + id * 1000}"));
        }
    }

    [Fact]
    public async Task M13_Without_a_commit_no_acknowledgement_and_the_resend_is_stored_once()
    {
        await using var rig = await WorkerRig.StartAsync(("Broker:CommitSeconds", "1"));
        var message = RawMqtt.Publish(7, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now));
        using (rig.Lock())
        {
            using var ada = await rig.AdaAsync();
            await ada.SendAsync(message);
            for (var packet = await ada.ReadAsync(); packet is not null; packet = await ada.ReadAsync())
                Assert.NotEqual(RawMqtt.PubackType, packet.Type);
        }

        using var again = await rig.AdaAsync();
        await again.SendAsync(message);
        Assert.Equal(new Puback(7, 0), await again.ReadPubackAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample_superseded"));
    }

    [Fact]
    public async Task F61_When_the_commit_fails_nobody_is_acknowledged_and_the_resend_is_stored_once()
    {
        await using var rig = await WorkerRig.StartAsync();
        var message = RawMqtt.Publish(7, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now));
        rig.Write("""
            CREATE TRIGGER refuse BEFORE INSERT ON sample BEGIN SELECT RAISE(ABORT, 'the disk says no'); END
            """);
        using (var ada = await rig.AdaAsync())
        {
            await ada.SendAsync(message);
            for (var packet = await ada.ReadAsync(TimeSpan.FromSeconds(30)); packet is not null;
                packet = await ada.ReadAsync(TimeSpan.FromSeconds(30)))
                Assert.NotEqual(RawMqtt.PubackType, packet.Type);
        }

        // The service manager starts it again; by then the disk is well.
        Assert.Equal(70, await rig.Process.ExitAsync());
        rig.Write("DROP TRIGGER refuse");
        await rig.StartAgainAsync();
        using var again = await rig.AdaAsync();
        await again.SendAsync(message);
        Assert.Equal(new Puback(7, 0), await again.ReadPubackAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task M10_A_message_of_QoS_2_is_stored_once()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        var message = RawMqtt.PublishTwice(9, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now));

        await ada.SendAsync(message);
        Assert.Equal(5, (await ada.ReadAsync())?.Type);
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        await ada.SendAsync(message);
        Assert.Equal(5, (await ada.ReadAsync())?.Type);
        await ada.SendAsync(RawMqtt.Frame(0x62, [0, 9]));
        Assert.Equal(7, (await ada.ReadAsync())?.Type);

        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task M15_Nobody_takes_the_client_id_of_another_and_nobody_comes_in_without_a_name()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        using var bob = await RawMqtt.OpenAsync(rig.BrokerPort);
        using var suffixed = await RawMqtt.OpenAsync(rig.BrokerPort);
        using var nobody = await RawMqtt.OpenAsync(rig.BrokerPort);
        using var wrong = await RawMqtt.OpenAsync(rig.BrokerPort);
        using var worker = await RawMqtt.OpenAsync(rig.BrokerPort);

        Assert.Equal(0x85, await bob.SignInAsync("ada", "bob", "b"));
        Assert.Equal(0x85, await suffixed.SignInAsync("ada:phone", "bob", "b"));
        Assert.Equal(0x86, await nobody.SignInAsync("nobody"));
        Assert.Equal(0x86, await wrong.SignInAsync("ada", "ada", "b"));
        Assert.Equal(0x86, await worker.SignInAsync("worker", "worker", ""));
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
    }

    [Fact]
    public async Task M15_A_foreign_wearer_can_neither_be_written_nor_read()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();

        await ada.SendAsync(RawMqtt.Publish(1, BobsTopic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0x87), await ada.ReadPubackAsync());
        await ada.SendAsync(RawMqtt.Publish(2, "spasmstream/v1/out/ada/risk", "{}"));
        Assert.Equal(new Puback(2, 0x87), await ada.ReadPubackAsync());
        string[] foreign = ["spasmstream/v1/out/bob/risk", "spasmstream/v1/out/+/risk",
            "spasmstream/v1/out/#", "#",
            "spasmstream/v1/in/ada/#", "+/v1/out/ada/risk"];
        for (var i = 0; i < foreign.Length; i++)
            Assert.Equal(0x87, await SubscribeAsync(ada, 10 + i, foreign[i]));
        Assert.Equal(1, await SubscribeAsync(ada, 30, "spasmstream/v1/out/ada/risk"));
        Assert.Equal(1, await SubscribeAsync(ada, 31, "spasmstream/v1/out/worker/status"));

        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM series"));
    }

    [Fact]
    public async Task M14_Data_is_stored_without_any_session_before_and_after_a_restart()
    {
        await using var rig = await WorkerRig.StartAsync();
        var start = WorkerRig.Now - 10_000;
        for (var round = 0; round < 2; round++)
        {
            using var ada = await rig.AdaAsync();
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(start + round * 1000)));
            Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
            Assert.Equal(round + 1, rig.Count("SELECT count(*) FROM sample"));
            await rig.Worker.KillAsync();
            await rig.StartAgainAsync();
        }

        // Whoever of ours subscribed would get a message of its own on the data topics; nobody may read them.
        using var gateway = await rig.AdaAsync();
        Assert.Equal(0x87, await SubscribeAsync(gateway, 1, WorkerRig.Topic));
    }

    [Fact]
    public async Task D4_Beyond_the_hard_cap_messages_of_QoS_0_are_dropped_and_counted_exactly()
    {
        await using var rig = await WorkerRig.StartAsync(("Intake:LowWaterMessages", "5"),
            ("Intake:HighWaterMessages", "10"), ("Intake:HardCapMessages", "20"),
                ("Broker:CommitSeconds", "20"));
        using var ada = await rig.AdaAsync();
        using var last = await RawMqtt.ConnectAsync(rig.BrokerPort, "ada:last", "ada", "a");
        var start = WorkerRig.Now - 100_000;
        using (rig.Lock())
        {
            await ada.SendAsync(Enumerable.Range(0, 60)
                .SelectMany(i => RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000)))
                    .ToArray());
            // The answer to a ping says that all before it were taken or dropped.
            await ada.SendAsync(RawMqtt.Frame(0xC0, []));
            Assert.Equal(13, (await ada.ReadAsync())?.Type);
            // QoS 1 is not dropped: the sender is cut off and still owns its message.
            await last.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(start + 90_000)));
            Assert.NotEqual(RawMqtt.PubackType, (await last.ReadAsync())?.Type);
        }

        await rig.UntilAsync("SELECT count(*) FROM sample", 20);
        using var again = await RawMqtt.ConnectAsync(rig.BrokerPort, "ada:last", "ada", "a");
        await again.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(start + 90_000)));
        Assert.Equal(new Puback(1, 0), await again.ReadPubackAsync());
        Assert.Equal(40, rig.Counter("DroppedQos0"));
        Assert.Equal(21, rig.Counter("MessagesReceived"));
        Assert.Equal(21, rig.Count("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task D16_A_message_published_with_retain_is_live_and_kept_by_nobody()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();

        await ada.SendAsync(RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now), retain: true));

        await rig.UntilSamplesAsync(1);
        Assert.Equal(0, rig.Counter("MessagesIgnored"));
    }

    [Fact]
    public async Task M18_Sixteen_devices_take_their_subscriptions_back_at_once_and_each_is_told_so()
    {
        await using var rig = await WorkerRig.StartAsync();
        var devices = new List<RawMqtt>();
        for (var i = 0; i < 16; i++)
            devices.Add(await RawMqtt.ConnectAsync(rig.BrokerPort, $"ada:{i}", "ada", "a"));
        for (var round = 1; round <= 5; round++)
        {
            await Task.WhenAll(devices.Select(async device =>
            {
                Assert.Equal(1, await SubscribeAsync(device, round, "spasmstream/v1/out/ada/#"));
                await device.SendAsync(RawMqtt.Unsubscribe(round, "spasmstream/v1/out/ada/#"));
                for (var packet = await device.ReadAsync(); packet?.Type != 11;
                    packet = await device.ReadAsync())
                    Assert.NotNull(packet);
            }));
        }

        // And the broker still takes what they send.
        foreach (var device in devices)
        {
            await device.SendAsync(RawMqtt.Publish(9, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            Assert.Equal(new Puback(9, 0), await device.ReadPubackAsync());
            device.Dispose();
        }
    }

    static async Task<int> SubscribeAsync(RawMqtt client, int id, string filter)
    {
        await client.SendAsync(RawMqtt.Subscribe(id, filter));
        while (await client.ReadAsync() is { } packet)
            if (packet.Type == 9)
                return packet.Body[^1];
        return -1;
    }
}
