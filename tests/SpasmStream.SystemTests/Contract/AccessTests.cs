using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Contract;

/// <summary>Whose topic is whose, against the real broker, in bytes.</summary>
public sealed class AccessTests
{
    static readonly string[] _wearers = ["ada", "bob", "cleo", "dan"];

    [Fact]
    public async Task S01_Four_accounts_and_four_wearers_meet_in_their_own_cells_only()
    {
        await using var rig = await StartAsync();
        var t = WorkerRig.Now - 60_000;
        foreach (var own in _wearers)
        {
            using var client = await RawMqtt.ConnectAsync(rig.BrokerPort, own, own, own);
            for (var i = 0; i < _wearers.Length; i++)
            {
                var (topic, allowed) = ($"spasmstream/v1/in/{_wearers[i]}/watch/heart-rate",
                    _wearers[i] == own);
                await client.SendAsync(RawMqtt.Publish(1, topic, WorkerRig.Bpm(t)));
                Assert.Equal(new Puback(1, allowed ? 0 : 0x87), await client.ReadPubackAsync());
                await client.SendAsync(Retained(2, topic, WorkerRig.Bpm(t + 1000)));
                Assert.Equal(new Puback(2, allowed ? 0 : 0x87), await client.ReadPubackAsync());
                Assert.Equal(allowed ? 1 : 0x87,
                    await SubscribeAsync(client, 3, $"spasmstream/v1/out/{_wearers[i]}/#"));
                Assert.Equal(0x87, await SubscribeAsync(client, 4, topic));
            }
        }

        Assert.Equal(["ada|2", "bob|2", "cleo|2", "dan|2"], _wearers.Select(w => w + "|" + rig.Count(
            $"SELECT count(*) FROM sample JOIN series ON series=series.id JOIN wearer ON wearer.id=wearer "
            + $"WHERE name='{w}'")));
        Assert.Equal(8, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(4, Events(rig).Where(it => it is { Action: "denied", Detail: "publish" })
            .Select(it => it.Actor).Distinct().Count());
    }

    [Fact]
    public async Task S01_A_last_will_is_kept_for_its_own_wearer_and_for_no_other()
    {
        await using var rig = await StartAsync();
        foreach (var own in _wearers)
            foreach (var other in _wearers)
            {
                using var client = await RawMqtt.OpenAsync(rig.BrokerPort);
                // The library shows us no will before it is published, so it is ruled on then.
                Assert.Equal(0, await client.SignInAsync($"{own}:{other}", own, own,
                    ($"spasmstream/v1/in/{other}/{own}s/status", "offline")));
                client.Abort();
            }

        // Four are kept; of the other twelve each leaves its denial.
        await rig.UntilAsync("SELECT count(*) FROM device WHERE online=0", 4);
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(
            Events(rig).Count(it => it is { Action: "denied", Detail: "publish" }) == 12), "12 denials");
        Assert.Equal(4, rig.Count("""
            SELECT count(*) FROM device JOIN wearer ON wearer.id=wearer WHERE device.name=wearer.name || 's'
            """));
        Assert.Equal(4, rig.Counter("MessagesReceived"));
    }

    [Fact]
    public async Task B57_A_device_that_vanishes_is_offline_and_its_will_keeps_the_rules_of_any_message()
    {
        await using var rig = await StartAsync();
        using (var watch = await RawMqtt.OpenAsync(rig.BrokerPort))
        {
            Assert.Equal(0, await watch.SignInAsync("ada", "ada", "ada",
                ("spasmstream/v1/in/ada/watch/status", "offline")));
            await watch.SendAsync(RawMqtt.Publish(1, "spasmstream/v1/in/ada/watch/status", "online"));
            Assert.Equal(new Puback(1, 0), await watch.ReadPubackAsync());
            Assert.Equal(1, rig.Count("SELECT online FROM device"));
            watch.Abort();
        }

        await rig.UntilAsync("SELECT online FROM device", 0);
        // What may be sent before we know from whom is 4 KiB in all, the will with it.
        using (var large = await RawMqtt.OpenAsync(rig.BrokerPort))
        {
            await large.SendAsync(RawMqtt.Connect("ada", "ada", "ada",
                ("spasmstream/v1/in/ada/watch/status", new string('x', 65_535))));
            Assert.Null(await large.ReadAsync());
        }

        using (var wrong = await RawMqtt.OpenAsync(rig.BrokerPort))
        {
            Assert.Equal(0, await wrong.SignInAsync("ada", "ada", "ada",
                ("spasmstream/v1/in/ada/watch/status", new string('x', 3_900))));
            wrong.Abort();
        }

        await rig.UntilAsync("SELECT count(*) FROM dead_letter", 1);
        Assert.Equal(0, rig.Count("SELECT online FROM device"));
        // A polite end leaves no will.
        using (var polite = await RawMqtt.OpenAsync(rig.BrokerPort))
        {
            Assert.Equal(0, await polite.SignInAsync("ada", "ada", "ada",
                ("spasmstream/v1/in/ada/scale/status", "offline")));
            await polite.SendAsync(RawMqtt.Frame(0xE0, [0]));
            Assert.Null(await polite.ReadAsync());
        }

        Assert.Equal(1, rig.Count("SELECT count(*) FROM device"));
    }

    [Theory]
    [InlineData("bob", 0x85)]
    [InlineData("ada.watch", 0x85)]
    [InlineData("ada:", 0)]
    [InlineData("ada:wat\0ch", 0x85)]
    [InlineData("ada:w/#", 0x85)]
    [InlineData("ADA", 0x85)]
    [InlineData("ada:watch_2-b", 0)]
    public async Task B57_A_client_id_says_whose_it_is(string clientId, int code)
    {
        await using var rig = await BrokerRig.StartAsync(Account);
        using var client = await RawMqtt.OpenAsync(rig.Port);
        using var longest = await RawMqtt.OpenAsync(rig.Port);
        using var tooLong = await RawMqtt.OpenAsync(rig.Port);
        using var nameless = await RawMqtt.OpenAsync(rig.Port);
        using var lasting = await RawMqtt.OpenAsync(rig.Port);

        Assert.Equal(code, await client.SignInAsync(clientId, "ada", "ada"));
        Assert.Equal(0x85, await longest.SignInAsync("ada:" + new string('x', 3_900), "ada", "ada"));
        await tooLong.SendAsync(RawMqtt.Connect("ada:" + new string('x', 65_531), "ada", "ada"));
        Assert.Null(await tooLong.ReadAsync());
        // Whoever gives no name gets one, but no session that lasts.
        Assert.Equal(0, await nameless.SignInAsync("", "ada", "ada"));
        await lasting.SendAsync(RawMqtt.Connect("", "ada", "ada", expiry: 60));
        Assert.Equal(0x85, (int)(await lasting.ReadAsync())!.Body[1]);
    }

    [Fact]
    public async Task B58_Filters_outside_the_rights_are_refused_and_fifty_inside_are_enough()
    {
        await using var rig = await BrokerRig.StartAsync(Account);
        using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");
        (string Filter, int Code)[] rows =
        [
            ("#", 0x87), ("spasmstream/v1/out/+/risk", 0x87), ("a+b", 0x8F), ("a/#/b", 0x8F),
            ("spasmstream/v1/out/bob/#", 0x87), ("spasmstream/v1/in/ada/#", 0x87), ("$SYS/#", 0x87),
            ("spasmstream/v1/out/ada/#", 1), ("spasmstream/v1/out/worker/status", 1),
        ];
        foreach (var (filter, code) in rows)
            Assert.Equal(code, await SubscribeAsync(ada, 1, filter));
        // Shared ones the library refuses itself or asks us, who do not know them either.
        Assert.InRange(await SubscribeAsync(ada, 2, "$share/g/spasmstream/v1/out/ada/#"), 0x80, 0xFF);

        for (var i = 0; i < 48; i++)
            Assert.Equal(1, await SubscribeAsync(ada, 3, $"spasmstream/v1/out/ada/{i}"));
        Assert.Equal(0x97, await SubscribeAsync(ada, 4, "spasmstream/v1/out/ada/more"));
        Assert.Equal(1, await SubscribeAsync(ada, 5, "spasmstream/v1/out/ada/#"));
        // Whoever gives one back may have another.
        await ada.SendAsync(RawMqtt.Frame(0xA2, [0, 6, 0, .. Text("spasmstream/v1/out/ada/0")]));
        Assert.Equal(11, (await ada.ReadAsync())?.Type);
        Assert.Equal(1, await SubscribeAsync(ada, 7, "spasmstream/v1/out/ada/more"));
    }

    [Fact]
    public async Task B58_Ten_thousand_filters_at_once_leave_fifty_and_few_events()
    {
        await using var rig = await BrokerRig.StartAsync(Account);
        using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");

        await ada.SendAsync(RawMqtt.Frame(0x82, [0, 1, 0, .. Enumerable.Range(0, 10_000)
            .SelectMany(i => (byte[])[.. Text($"spasmstream/v1/out/ada/{i}"), 1])]));

        var answer = await ada.ReadAsync();
        Assert.Equal(9, answer?.Type);
        Assert.Equal(50, answer!.Body[3..].Count(code => code == 1));
        Assert.Equal(9_950, answer.Body[3..].Count(code => code == 0x97));
        Assert.InRange(rig.Log.Read().Count(it => it.Action == "denied"), 1, 10);
    }

    [Fact]
    public async Task S03_After_a_right_is_taken_away_nothing_more_arrives()
    {
        await using var rig = await BrokerRig.StartAsync();
        var (account, password) = rig.Devices.Add("ada", "watch", gateway: false, diary: false);
        using var watch = await RawMqtt.ConnectAsync(rig.Port, account.User, account.User, password);
        using var worker = await rig.WorkerAsync();
        Assert.Equal(1, await SubscribeAsync(watch, 1, "spasmstream/v1/out/ada/#"));
        await worker.SendAsync(RawMqtt.Publish(1, "spasmstream/v1/out/ada/risk", "before"));
        Assert.Equal(0, (await worker.ReadPubackAsync()).Reason & 0x80);
        Assert.Equal(3, (await watch.ReadAsync())?.Type);

        rig.Devices.Revoke(account.User);
        rig.Get<Worker.Broker.Accounts>().Refresh();
        for (var i = 0; i < 100; i++)
        {
            await worker.SendAsync(RawMqtt.Publish(2 + i, "spasmstream/v1/out/ada/risk", "after"));
            Assert.Equal(0, (await worker.ReadPubackAsync()).Reason & 0x80);
        }

        // Its connection ends, and on the way there comes nothing but the reason.
        for (var packet = await watch.ReadAsync(); packet is not null; packet = await watch.ReadAsync())
            Assert.Equal((RawMqtt.DisconnectType, 0x87), (packet.Type, packet.Body[0]));
        using var again = await RawMqtt.OpenAsync(rig.Port);
        Assert.Equal(0x86, await again.SignInAsync(account.User, account.User, password));
        Assert.Contains(rig.Log.Read(), it => it.Action == "account-changed");
    }

    static (string, string)[] Account =>
    [
        ("Broker:Accounts:0:User", "ada"), ("Broker:Accounts:0:Password", "ada"),
        ("Broker:Accounts:0:Wearers:0", "ada"),
    ];

    static Task<WorkerRig> StartAsync() => WorkerRig.StartAsync([.. _wearers.SelectMany((wearer, i) =>
        ((string, string)[])[
            ($"Wearers:{i}:Id", wearer), ($"Wearers:{i}:Zone", "Europe/Berlin"),
            ($"Broker:Accounts:{i}:User", wearer), ($"Broker:Accounts:{i}:Password", wearer),
            ($"Broker:Accounts:{i}:Wearers:0", wearer)])]);

    static List<SecurityEvent> Events(WorkerRig rig) => new SecurityLog(rig.Folder).Read().ToList();

    static byte[] Retained(int packetId, string topic, string payload)
    {
        var frame = RawMqtt.Publish(packetId, topic, payload);
        frame[0] |= 1;
        return frame;
    }

    static byte[] Text(string text) =>
        [(byte)(text.Length >> 8), (byte)text.Length, .. System.Text.Encoding.UTF8.GetBytes(text)];

    static async Task<int> SubscribeAsync(RawMqtt client, int id, string filter)
    {
        await client.SendAsync(RawMqtt.Subscribe(id, filter));
        while (await client.ReadAsync() is { } packet)
            if (packet.Type == 9)
                return packet.Body[^1];
        return -1;
    }
}
