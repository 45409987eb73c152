using System.Text;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Contract;

/// <summary>Topics as no client sends them: each is refused with its code, and nobody else notices.</summary>
public sealed class TopicTests
{
    const string In = "spasmstream/v1/in/";

    // The topic, its PUBACK, the reason of its dead letter ("" is none), and the security event.
    static readonly (string Item, byte[] Topic, int Code, string Reason, string Event)[] _rows =
    [
        ("B24", Bytes(In + "bob/watch/heart-rate"), 0x87, "", "denied"),
        ("B24", Bytes("spasmstream/v1/out/ada/risk"), 0x87, "", "denied"),
        ("B25", Bytes(In + "ada/+/heart-rate"), 0x90, "topic", "denied"),
        ("B25", Bytes(In + "ada/watch/#"), 0x90, "topic", "denied"),
        ("B25", Bytes("#"), 0x90, "topic", "denied"),
        ("B26", Bytes(In + "ada/wat\0ch/heart-rate"), 0x90, "topic", "denied"),
        ("B26", Bytes(In + "ada/wat\uFFFDch/heart-rate"), 0x90, "topic", "denied"),
        ("B26", [.. Bytes(In + "ada/wat"), 0xC3, 0x28, .. Bytes("/heart-rate")], 0x90, "topic", "denied"),
        ("B26", [.. Bytes(In + "ada/wat"), 0xED, 0xA0, 0x80, .. Bytes("/steps")], 0x90, "topic", "denied"),
        ("B26", Bytes("$SYS/broker/version"), 0x90, "topic", "denied"),
        ("B26", Bytes("$share/g/" + In + "ada/watch/heart-rate"), 0x90, "topic", "denied"),
        ("B27", Bytes(In + "ada/watch/" + new string('x', 300)), 0x90, "topic", ""),
        ("B27", Bytes(In + "ada/watch/" + new string('x', 60_000)), 0x90, "topic", ""),
        ("B27", Bytes(In + "ada/watch/heart-rate/and/more"), 0x90, "topic", ""),
        ("B27", Bytes(In + "ada//heart-rate"), 0x90, "topic", ""),
        ("B27", Bytes("/" + In + "ada/watch/heart-rate"), 0x90, "topic", ""),
        ("B27", Bytes(In + "ada/watch/heart-rate/"), 0x90, "topic", ""),
        ("B27", Bytes("SpasmStream/v1/in/ada/watch/heart-rate"), 0x90, "topic", ""),
        ("B27", Bytes(In + "Ada/watch/heart-rate"), 0x90, "id", ""),
        ("B27", Bytes(In + "ada/watch/Heart-Rate"), 0x90, "topic", ""),
        ("M17", [], 0x90, "topic", ""),
    ];

    [Fact]
    public async Task B24_B25_B26_B27_M17_A_topic_that_is_not_ours_is_refused_and_stores_nothing()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var bob = await RawMqtt.ConnectAsync(rig.BrokerPort, "bob", "bob", "b");
        var t = WorkerRig.Now - 60_000;
        for (var i = 0; i < _rows.Length; i++)
        {
            var row = _rows[i];
            // An id of its own: the library may cut a connection while an earlier one of its id still ends.
            using var ada = await RawMqtt.ConnectAsync(rig.BrokerPort, $"ada:{i}", "ada", "a");
            var before = (Dead: rig.Count("SELECT count(*) FROM dead_letter"), Told: Told(rig));

            await ada.SendAsync(RawMqtt.Publish(1, row.Topic, [], WorkerRig.Bpm(t)));

            Assert.Equal((i, new Puback(1, row.Code)), (i, await ada.ReadPubackAsync()));
            Assert.Equal((i, row.Reason.Length > 0 ? 1 : 0),
                (i, rig.Count("SELECT count(*) FROM dead_letter") - before.Dead));
            if (row.Reason.Length > 0)
                Assert.Equal((i, row.Reason),
                    (i, rig.Text("SELECT reason FROM dead_letter ORDER BY id DESC LIMIT 1")));
            // Of one kind ten an hour are written, so only the first ones can be counted here.
            if (i < 9)
                Assert.Equal((i, row.Event.Length > 0 ? 1 : 0), (i, Told(rig) - before.Told));
            Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
        }

        Assert.Equal(10, Told(rig));
        await bob.SendAsync(RawMqtt.Publish(1, In + "bob/watch/heart-rate", WorkerRig.Bpm(t)));
        Assert.Equal(new Puback(1, 0), await bob.ReadPubackAsync());
    }

    [Fact]
    public async Task B24_An_older_client_that_may_not_publish_is_cut_off_and_never_told_that_it_was_kept()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await RawMqtt.OpenAsync(rig.BrokerPort);
        await ada.SendAsync(RawMqtt.ConnectOld("ada", "ada", "a"));
        Assert.Equal(0, (await ada.ReadAsync())!.Body[1]);
        await ada.SendAsync(RawMqtt.PublishOld(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());

        await ada.SendAsync(RawMqtt.PublishOld(
            2, In + "bob/watch/heart-rate", WorkerRig.Bpm(WorkerRig.Now)));

        Assert.Null(await ada.ReadAsync());
        Assert.Equal(1, Told(rig));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task B23_A_payload_that_names_another_wearer_is_kept_for_neither()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        var payload = $$"""{"v":1,"wearer":"bob","t":{{WorkerRig.Now}},"bpm":60}""";

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, payload));
        Assert.Equal(new Puback(1, 0x87), await ada.ReadPubackAsync());
        await ada.SendAsync(RawMqtt.PublishOnce(WorkerRig.Topic, payload));

        await rig.UntilAsync("SELECT count(*) FROM dead_letter WHERE reason='person_mismatch'", 2);
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(new SecurityLog(rig.Folder).Read()
            .Count(it => it is { Actor: "ada", Action: "mismatch" }) == 2), "two mismatches");
    }

    [Theory]
    [InlineData("unknown", "", 7)]
    [InlineData("beyond what we offer, which is none", WorkerRig.Topic, 1)]
    [InlineData("the highest", WorkerRig.Topic, 65_535)]
    public async Task B28_A_topic_alias_ends_the_connection_and_stores_nothing(
        string what, string topic, int alias)
    {
        Assert.NotEmpty(what);
        await using var rig = await WorkerRig.StartAsync();
        using var bob = await RawMqtt.ConnectAsync(rig.BrokerPort, "bob", "bob", "b");
        using var ada = await RawMqtt.OpenAsync(rig.BrokerPort);
        await ada.SendAsync(RawMqtt.Connect("ada", "ada", "a"));
        // The library would offer 65,535; without the property it is none.
        Assert.False(HasProperty((await ada.ReadAsync())!.Body.AsSpan(2), 0x22));

        await ada.SendAsync(RawMqtt.Publish(1, Bytes(topic), [0x23, (byte)(alias >> 8), (byte)alias],
            WorkerRig.Bpm(WorkerRig.Now)));

        var end = await ada.ReadAsync();
        Assert.Equal((RawMqtt.DisconnectType, 0x94), (end!.Type, end.Body[0]));
        Assert.Null(await ada.ReadAsync());
        await bob.SendAsync(RawMqtt.Publish(1, In + "bob/watch/heart-rate", WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await bob.ReadPubackAsync());
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
    }

    /// <summary>
    /// The library does not tell alias 0, which MQTT forbids, from no alias: with a topic it is an ordinary
    /// message, without one it has no topic.
    /// </summary>
    [Fact]
    public async Task B28_An_alias_of_zero_names_no_topic()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();

        await ada.SendAsync(RawMqtt.Publish(1, [], [0x23, 0, 0], WorkerRig.Bpm(WorkerRig.Now)));

        Assert.Equal(new Puback(1, 0x90), await ada.ReadPubackAsync());
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
    }

    static bool HasProperty(ReadOnlySpan<byte> properties, byte id) => properties.Contains(id);

    static int Told(WorkerRig rig) =>
        new SecurityLog(rig.Folder).Read().Count(it => it is { Actor: "ada", Action: "denied" });

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
