using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>Connections of one client id after one another, and beside one another.</summary>
public sealed class TakeoverTests
{
    /// <summary>
    /// The library forgets a session by its id while the connection still ends, and took a new connection of
    /// that id with it.
    /// </summary>
    [Fact]
    public async Task M15_A_connection_that_follows_another_of_its_id_at_once_is_never_cut()
    {
        await using var rig = await StartAsync();
        var t = WorkerRig.Now - 9_000_000;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(device => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                using var ada = await RawMqtt.ConnectAsync(rig.Port, $"ada:{device}", "ada", "ada");
                await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic,
                    WorkerRig.Bpm(t + device * 1_000_000 + i * 1000)));
                Assert.Equal((i, new Puback(1, 0)), (i, await ada.ReadPubackAsync()));
                if (i % 3 == 0)
                    ada.Abort();
            }
        })));
    }

    [Fact]
    public async Task M15_Who_comes_again_takes_its_own_place_and_the_older_connection_is_told()
    {
        await using var rig = await StartAsync();
        using var first = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");
        using var second = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");

        var told = await first.ReadAsync();
        Assert.Equal((RawMqtt.DisconnectType, 0x8E), (told!.Type, told.Body[0]));
        Assert.Null(await first.ReadAsync());
        await second.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await second.ReadPubackAsync());
    }

    [Fact]
    public async Task S02_Bob_with_adas_client_id_is_refused_and_ada_receives_all_her_messages()
    {
        await using var rig = await StartAsync();
        using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");
        using var worker = await rig.WorkerAsync();
        await ada.SendAsync(RawMqtt.Subscribe(1, "spasmstream/v1/out/ada/#"));
        Assert.Equal(9, (await ada.ReadAsync())?.Type);

        for (var i = 1; i <= 20; i++)
        {
            using var bob = await RawMqtt.OpenAsync(rig.Port);
            Assert.Contains(await bob.SignInAsync("ada", "bob", "bob"), (int[])[0x85, 0x87]);
            await worker.SendAsync(RawMqtt.Publish(i, "spasmstream/v1/out/ada/event", $"{i}"));
            Assert.Equal(0, (await worker.ReadPubackAsync()).Reason & 0x80);
            var message = await ada.ReadAsync();
            Assert.Equal((3, $"{i}"), (message!.Type, Text(message, $"{i}".Length)));
        }
    }

    [Fact]
    public async Task S02_Nothing_that_waited_for_ada_reaches_bob_by_any_session_of_hers()
    {
        await using var rig = await StartAsync();
        using (var ada = await RawMqtt.OpenAsync(rig.Port))
        {
            await ada.SendAsync(RawMqtt.Connect("ada", "ada", "ada", expiry: 600));
            Assert.Equal(2, (await ada.ReadAsync())?.Type);
            await ada.SendAsync(RawMqtt.Subscribe(1, "spasmstream/v1/out/ada/#"));
            Assert.Equal(9, (await ada.ReadAsync())?.Type);
        }

        using var worker = await rig.WorkerAsync();
        await worker.SendAsync(RawMqtt.Publish(1, "spasmstream/v1/out/ada/event", "for ada"));
        Assert.Equal(0, (await worker.ReadPubackAsync()).Reason & 0x80);
        foreach (var clientId in (string[])["ada", "bob", "bob:ada"])
        {
            using var bob = await RawMqtt.OpenAsync(rig.Port);
            if (await bob.SignInAsync(clientId, "bob", "bob") != 0)
                continue;
            await bob.SendAsync(RawMqtt.Subscribe(1, "spasmstream/v1/out/ada/#"));
            var answer = await bob.ReadAsync();
            Assert.Equal((9, 0x87), (answer!.Type, (int)answer.Body[^1]));
            await bob.SendAsync(RawMqtt.Frame(0xC0, []));
            Assert.Equal(13, (await bob.ReadAsync())?.Type);
        }
    }

    static string Text(Packet message, int length) =>
        System.Text.Encoding.UTF8.GetString(message.Body.AsSpan()[^length..]);

    static Task<BrokerRig> StartAsync() => BrokerRig.StartAsync(
        ("Broker:Accounts:0:User", "ada"), ("Broker:Accounts:0:Password", "ada"),
        ("Broker:Accounts:0:Wearers:0", "ada"), ("Broker:Accounts:1:User", "bob"),
        ("Broker:Accounts:1:Password", "bob"), ("Broker:Accounts:1:Wearers:0", "bob"));
}
