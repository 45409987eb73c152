using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Contract;

/// <summary>Bad input of more than one message, over a socket: what contradicts, and endless names.</summary>
public sealed class RevisionTests
{
    const string Standing = "SELECT group_concat(value || ' ' || (gone IS NOT NULL)) FROM sample";

    [Fact]
    public async Task B36_The_later_or_higher_value_stands_and_what_was_taken_back_stays_so_over_a_restart()
    {
        await using var rig = await WorkerRig.StartAsync();
        var t = WorkerRig.Now - 60_000;
        string Bpm(int bpm, string more = "") => $$"""{"v":1,"t":{{t}},"bpm":{{bpm}}{{more}}}""";
        var upsert = Bpm(70, ",\"id\":\"a\",\"rev\":9");
        using (var ada = await rig.AdaAsync())
        {
            foreach (var (sent, stands) in new[]
            {
                (Bpm(60), "60.0 0"),
                // Same key, other value: the later one.
                (Bpm(61), "61.0 0"),
                (Bpm(62, ",\"rev\":2"), "62.0 0"),
                // A lower revision after a higher one.
                (Bpm(63, ",\"rev\":1"), "62.0 0"),
                (upsert, "70.0 0"),
                // Taken back: what the others said stands again.
                ("""{"v":1,"id":"a","rev":10,"op":"delete"}""", "62.0 0"),
                (upsert, "62.0 0"),
            })
            {
                await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, sent));
                Assert.Equal((sent, new Puback(1, 0)), (sent, await ada.ReadPubackAsync()));
                Assert.Equal((sent, stands), (sent, rig.Text(Standing)));
            }
        }

        await rig.Worker.KillAsync();
        await rig.StartAgainAsync();
        using (var ada = await rig.AdaAsync())
        {
            await ada.SendAsync(RawMqtt.Publish(2, WorkerRig.Topic, upsert));
            await ada.ReadPubackAsync();
        }

        Assert.Equal("62.0 0", rig.Text(Standing));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM outbox"));
    }

    [Fact]
    public async Task B45_Ten_thousand_devices_by_a_real_broker_are_twenty_with_one_security_event()
    {
        const int Devices = 10_000;
        const int Run = 500;
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        using var flood = await RawMqtt.ConnectAsync(broker.Port, "flood");
        var t = WorkerRig.Now - 60_000;

        for (var first = 0; first < Devices; first += Run)
        {
            await flood.SendAsync(Enumerable.Range(first, Run).SelectMany(i => RawMqtt.Publish(
                1 + i - first, $"spasmstream/v1/in/ada/d{i}/heart-rate", WorkerRig.Bpm(t))).ToArray());
            for (var i = 0; i < Run; i++)
                Assert.Equal(1 + i, (await flood.ReadPubackAsync()).PacketId);
        }

        await rig.UntilAsync("SELECT coalesce(sum(value), 0) FROM counter WHERE name='MessagesReceived'",
            Devices, TimeSpan.FromSeconds(60));
        Assert.Equal(20, rig.Count("SELECT count(DISTINCT device) FROM series"));
        Assert.Equal(20, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(Devices - 20, rig.Count("SELECT count(*) FROM dead_letter WHERE reason='cardinality'"));
        Assert.Single(new SecurityLog(rig.Folder).Read(), told => told.Detail == Reasons.Cardinality);

        // The next good message of a device that is known is kept.
        await flood.SendAsync(
            RawMqtt.Publish(1, "spasmstream/v1/in/ada/d0/heart-rate", WorkerRig.Bpm(t + 1)));
        await rig.UntilSamplesAsync(21);
    }
}
