using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>What becomes of a message, seen in the file.</summary>
public sealed class StoredTests
{
    const long Day = 86_400_000;

    [Fact]
    public async Task B16_Of_a_hundred_with_three_bad_97_are_stored_and_3_are_dead_letters()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        var start = WorkerRig.Now - 200_000;
        var items = Enumerable.Range(0, 100).Select(i =>
            WorkerRig.Bpm(start + i * 1000, i is 7 or 50 or 99 ? 9999 : 60));

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, $"[{string.Join(',', items)}]"));

        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        Assert.Equal(97, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal([7, 50, 99],
            rig.Column("SELECT item FROM dead_letter WHERE reason='range:bpm' ORDER BY item"));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM dead_payload"));
        Assert.Equal((1, 1, 97),
            (rig.Counter("MessagesReceived"), rig.Counter("MessagesStored"), rig.Counter("SamplesStored")));
    }

    [Fact]
    public async Task B35_The_same_message_a_thousand_times_is_one_row()
    {
        await using var rig = await WorkerRig.StartAsync();
        var message = WorkerRig.Bpm(WorkerRig.Now - 1000);
        var first = "";
        for (var client = 0; client < 5; client++)
        {
            using var ada = await RawMqtt.ConnectAsync(rig.BrokerPort, $"ada:{client}", "ada", "a");
            await ada.SendAsync(Enumerable.Range(1, 200)
                .SelectMany(id => RawMqtt.Publish(id, WorkerRig.Topic, message)).ToArray());
            for (var id = 1; id <= 200; id++)
                Assert.Equal(new Puback(id, 0), await ada.ReadPubackAsync());
            var row = rig.Text("SELECT t||'|'||value||'|'||received||'|'||rev FROM sample");
            first = client == 0 ? row : first;
            Assert.Equal(first, row);
        }

        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample_superseded"));
        Assert.Equal(999, rig.Counter("MessagesDuplicate"));
    }

    [Fact]
    public async Task D6_34_days_old_is_stored_and_36_days_and_the_future_are_dead_letters()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        var now = WorkerRig.Now;
        long[] times = [now - 34 * Day, now - 36 * Day, now + 4 * 60_000, now + 7 * 60_000];
        for (var i = 0; i < times.Length; i++)
        {
            await ada.SendAsync(RawMqtt.Publish(i + 1, WorkerRig.Topic, WorkerRig.Bpm(times[i])));
            Assert.Equal(new Puback(i + 1, i is 1 or 3 ? 0x99 : 0), await ada.ReadPubackAsync());
        }

        Assert.Equal([times[0], times[2]], rig.Column("SELECT t FROM sample ORDER BY t"));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM dead_letter WHERE reason='too_old'"));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM dead_letter WHERE reason='future'"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM outbox WHERE state='pending'"));
    }

    [Fact]
    public async Task D8_A_dead_letter_has_reason_pseudonym_and_64_KiB_and_the_log_has_nothing()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, "canary" + new string('x', 100_000)));

        Assert.Equal(new Puback(1, 0x99), await ada.ReadPubackAsync());
        Assert.Equal(1, rig.Count(
            "SELECT count(*) FROM dead_letter WHERE reason='json' AND length(detail)<=200 AND size=100006"));
        Assert.Equal(65536, rig.Count("SELECT length(payload) FROM dead_payload"));
        Assert.StartsWith("w-", rig.Text("SELECT pseudonym FROM dead_letter"), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", rig.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D16_Retained_without_an_own_instant_is_ignored_and_with_one_is_stored()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        using var device = await RawMqtt.ConnectAsync(broker.Port);
        await device.SendAsync(RawMqtt.PublishOnce("spasmstream/v1/in/ada/watch/status", "online",
            retain: true));
        await device.SendAsync(RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now - 5000),
            retain: true));
        await device.SendAsync(RawMqtt.Frame(0xC0, []));
        Assert.Equal(13, (await device.ReadAsync())?.Type);

        await using var rig = await WorkerRig.StartAsync(broker.Port);

        await rig.UntilAsync("SELECT value FROM counter WHERE name='MessagesReceived'", 2);
        Assert.Equal((1, 1), (rig.Counter("MessagesIgnored"), rig.Counter("MessagesStored")));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM device"));
    }

    [Fact]
    public async Task M4_A_backlog_beyond_the_receive_maximum_is_stored_within_our_budget()
    {
        await using var broker = await MosquittoBroker
            .StartAsync(new MosquittoSettings { Persistence = false });
        await using var rig = await WorkerRig.StartAsync(broker.Port, ("Intake:HighWaterBytes", "4194304"));
        await rig.Worker.StopAsync();
        await PublishBacklogAsync(broker.Port, messages: 3000, kibibytes: 32);
        broker.Process.Send(Signal.Stop);
        await rig.StartAgainAsync(ready: false);
        await rig.Process.WaitForLineAsync("followed again");
        using (rig.Lock())
        {
            var idle = rig.Process.AnonymousMiB;
            broker.Process.Send(Signal.Continue);
            await rig.Process.WaitForLineAsync("cannot commit");
            // 94 MiB wait at the broker; not much more than high water may wait here.
            Assert.InRange(rig.Process.AnonymousMiB - idle, -50, 48);
            Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
        }

        await rig.UntilSamplesAsync(3000, TimeSpan.FromSeconds(60));
        Assert.Equal(3000, rig.Counter("MessagesStored"));
    }

    static async Task PublishBacklogAsync(int port, int messages, int kibibytes)
    {
        using var device = await RawMqtt.ConnectAsync(port);
        var (start, padding) = (WorkerRig.Now - 10_000_000, new string(' ', kibibytes * 1024));
        for (var sent = 0; sent < messages; sent += 50)
        {
            await device.SendAsync(Enumerable.Range(sent, 50).SelectMany(i => RawMqtt.Publish(
                i + 1, WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000) + padding)).ToArray());
            for (var i = 0; i < 50; i++)
                await device.ReadPubackAsync();
        }
    }
}
