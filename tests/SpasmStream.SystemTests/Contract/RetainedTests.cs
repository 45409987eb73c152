using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Contract;

/// <summary>What the embedded broker retains: our own, over a restart, and nothing of a device's.</summary>
public sealed class RetainedTests
{
    const string Status = "spasmstream/v1/out/worker/status";
    const string Risk = "spasmstream/v1/out/ada/risk";

    [Fact]
    public async Task M19_What_follows_from_the_store_is_retained_before_the_worker_has_connected()
    {
        await using var rig = await StartAsync();
        var options = new BrokerOptions { Port = FreePort.Next() };
        using var broker = new EmbeddedBroker(Options.Create(options), rig.Get<Accounts>(), rig.Get<Login>(),
            rig.Get<SecurityJournal>(), rig.Get<Inlet>(),
            () => [new(Status, "offline"u8.ToArray()), new(Risk, "high"u8.ToArray())], TimeProvider.System,
            NullLogger<EmbeddedBroker>.Instance);
        await broker.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("offline", await RetainedAsync(options.Port, Status));
        Assert.Equal("high", await RetainedAsync(options.Port, Risk));
        await broker.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task M19_The_present_risk_of_every_wearer_follows_from_the_store()
    {
        await using var rig = await BrokerRig.StartAsync(("Notify:Mqtt", "true"));
        await SomeAlert.SaveAsync(rig.Get<StoreWriter>(), "ada", Instant.FromUnixTimeSeconds(1_800_000_000));

        var kept = rig.Get<KeptMessages>()();

        Assert.Equal([Status, Risk], kept.Select(it => it.Topic));
        Assert.Contains("0.4123", Encoding.UTF8.GetString(kept[1].Payload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task M19_The_worker_replaces_and_clears_what_it_retains_up_to_its_limit()
    {
        await using var rig = await StartAsync();
        using var worker = await rig.WorkerAsync();
        await RetainAsync(worker, 1, Risk, "low");
        Assert.Equal("low", await RetainedAsync(rig.Port, Risk));
        await RetainAsync(worker, 2, Risk, new string('x', 200_000));
        Assert.Equal(200_000, (await RetainedAsync(rig.Port, Risk))!.Length);
        for (var i = 0; i < 5; i++)
            await RetainAsync(worker, 3 + i, $"{Risk}/{i}", new string('x', 200_000));

        // Of six of 200 kB a mebibyte holds five.
        Assert.Equal(200_000, (await RetainedAsync(rig.Port, $"{Risk}/3"))!.Length);
        Assert.Null(await RetainedAsync(rig.Port, $"{Risk}/4"));
        await RetainAsync(worker, 9, Risk, "");
        Assert.Null(await RetainedAsync(rig.Port, Risk));
    }

    [Fact]
    public async Task F55_After_a_kill_the_worker_is_offline_until_it_says_online()
    {
        await using var rig = await WorkerRig.StartAsync();
        await rig.Worker.KillAsync();
        await rig.StartAgainAsync();

        using var ada = await rig.AdaAsync();
        await ada.SendAsync(RawMqtt.Subscribe(1, Status));
        var seen = new List<string>();
        while (seen.LastOrDefault() != "online")
            if (await ada.ReadAsync() is { Type: 3 } packet)
                seen.Add(Payload(packet));
        Assert.True(seen is ["online"] or ["offline", "online"], string.Join(", ", seen));
    }

    static async Task RetainAsync(RawMqtt worker, int id, string topic, string payload)
    {
        var frame = RawMqtt.Publish(id, topic, payload);
        frame[0] |= 1;
        await worker.SendAsync(frame);
        Assert.Equal(0, (await worker.ReadPubackAsync()).Reason & 0x80);
    }

    /// <summary>What somebody gets who subscribes now; null when nothing.</summary>
    static async Task<string?> RetainedAsync(int port, string topic)
    {
        using var ada = await RawMqtt.ConnectAsync(port, "ada", "ada", "ada");
        await ada.SendAsync(RawMqtt.Subscribe(1, topic));
        string? retained = null;
        // What is retained may come before the answer to the subscription, and before that to a ping.
        for (var answers = 0; answers < 3;)
        {
            var packet = await ada.ReadAsync();
            if (packet!.Type == 3)
                retained = (packet.Flags & 1) == 1 ? Payload(packet) : retained;
            else if (++answers < 3)
                await ada.SendAsync(RawMqtt.Frame(0xC0, []));
        }

        return retained;
    }

    static string Payload(Packet publish)
    {
        var at = 2 + (publish.Body[0] << 8 | publish.Body[1]) + ((publish.Flags & 6) != 0 ? 2 : 0);
        return Encoding.UTF8.GetString(publish.Body.AsSpan(at + 1 + publish.Body[at]));
    }

    static Task<BrokerRig> StartAsync() => BrokerRig.StartAsync(("Broker:Accounts:0:User", "ada"),
        ("Broker:Accounts:0:Password", "ada"), ("Broker:Accounts:0:Wearers:0", "ada"));
}
