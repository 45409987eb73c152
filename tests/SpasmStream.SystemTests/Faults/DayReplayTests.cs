using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>A day that is published again changes nothing and says nothing again.</summary>
public sealed class DayReplayTests
{
    const int Streams = 5;
    const int Together = 60;
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    // In the order of their keys, whatever the order in which they were written.
    static readonly string[] _tables =
    [
        "sample ORDER BY t, series, dur", "sample_superseded ORDER BY t, series, dur, rev, value, fact",
        "series ORDER BY id", "entry ORDER BY id", "sample_fact ORDER BY wearer, device, kind, id, rev",
        "risk_window ORDER BY wearer, target, start", "alert ORDER BY key", "outbox ORDER BY key, channel",
        "dead_letter ORDER BY id",
    ];

    [Fact]
    public Task F59_An_hour_of_five_streams_published_again_leaves_every_row_as_it_was() =>
        AgainAsync(samples: 3_600);

    [NightlyFact]
    public Task F59_A_whole_day_of_five_streams_published_again_leaves_every_row_as_it_was() =>
        AgainAsync(samples: 86_400);

    static async Task AgainAsync(int samples)
    {
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoSettings { Persistence = false });
        await using var rig = WorkerRig.Make(
            ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"),
            ("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"));
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                OutChannel.Mqtt);
        await rig.StartAgainAsync();
        await using var probe = await MqttProbe.ConnectAsync(broker.Port, "listener");
        await probe.SubscribeAsync("spasmstream/v1/out/ada/event");
        var start = (WorkerRig.Now / 1000 - samples - 7_200) * 1000;
        var messages = Streams * samples / Together;

        await PublishAsync(broker.Port, start, samples);
        await ReceivedAsync(rig, messages);
        await rig.UntilAsync("SELECT count(*) FROM outbox WHERE state='delivered'", 1);
        var before = await HashAsync(rig);
        Assert.Equal(Streams * samples, rig.Count("SELECT count(*) FROM sample"));
        await PublishAsync(broker.Port, start, samples);
        await ReceivedAsync(rig, 2 * messages);

        Assert.Equal(before, await HashAsync(rig));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM alert"));
        Assert.Equal(messages, rig.Counter("MessagesDuplicate"));
        Assert.Equal(Streams * samples, rig.Counter("SamplesDuplicate"));
    }

    static async Task PublishAsync(int port, long start, int samples)
    {
        using var device = await RawMqtt.ConnectAsync(port, "day");
        for (var at = 0; at < samples; at += Together)
        {
            var bytes = Messages(start + at * 1000L).SelectMany((it, i) =>
                RawMqtt.Publish(i + 1, $"spasmstream/v1/in/ada/{it.Leaf}", it.Payload)).ToArray();
            await device.SendAsync(bytes);
            for (var i = 1; i <= Streams; i++)
                Assert.Equal(new Puback(i, 0), await device.ReadPubackAsync());
        }
    }

    /// <summary>A minute of each stream, a value a second, the same however often it is made.</summary>
    static IEnumerable<(string Leaf, string Payload)> Messages(long t)
    {
        string Column(string name, int low, int range) => $$"""
            {"v":1,"t0":{{t}},"step":1000,"{{name}}":[{{string.Join(',', Enumerable.Range(0, Together)
                .Select(i => low + (t / 1000 + i) * 7919 % range))}}]}
            """;
        yield return ("watch/heart-rate", Column("bpm", 50, 60));
        yield return ("strap/heart-rate", Column("bpm", 52, 60));
        yield return ("watch/steps", Column("steps", 0, 3));
        yield return ("watch/hrv", Column("rmssd", 20, 60));
        yield return ("ring/hrv", Column("sdnn", 30, 60));
    }

    static Task ReceivedAsync(WorkerRig rig, int messages) =>
        rig.UntilAsync("SELECT value FROM counter WHERE name='MessagesReceived'", messages, _patience);

    static async Task<string> HashAsync(WorkerRig rig)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var reader = rig.File.OpenReader();
        foreach (var table in _tables)
        {
            await using var command = reader.CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var row = await command.ExecuteReaderAsync();
            while (await row.ReadAsync())
                for (var i = 0; i < row.FieldCount; i++)
                    hash.AppendData(row.GetValue(i) is byte[] blob ? blob : Encoding.UTF8.GetBytes(
                        Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture) + "|"));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
