using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>Where something may have been lost a row says so, once.</summary>
public sealed class GapTests
{
    const string Gaps = "SELECT cause, start, end FROM gap";

    [Fact]
    public async Task F10_A_session_that_the_broker_lost_is_one_gap_from_when_the_link_last_stood()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var first = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
        await rig.RowsAsync("SELECT client FROM broker_session", 1);
        Assert.Empty(rig.Rows(Gaps));
        var stood = Now(rig);
        first.Dispose();

        // Lost between the welcome and the subscription: the next welcome finds the new session.
        (await rig.During(broker.WelcomeAsync(sessionPresent: false))).Dispose();
        await rig.RowsAsync("SELECT cause FROM gap WHERE end IS NULL AND cause='session_lost'", 1);
        using var link = await rig.During(broker.WelcomeAsync(sessionPresent: true));
        await rig.During(ScriptedBroker.AnswerAsync(link, 1));

        var gap = (await rig.RowsAsync("SELECT start, end FROM gap WHERE end IS NOT NULL", 1))[0].Split('|');
        Assert.InRange(long.Parse(gap[0]), stood - 5_000, stood);
        Assert.InRange(long.Parse(gap[1]), long.Parse(gap[0]), Now(rig));
        Assert.Single(rig.Rows(Gaps));
    }

    [Fact]
    public async Task F10_Killed_between_the_welcome_and_the_commit_of_the_gap_the_gap_is_there()
    {
        using var broker = new ScriptedBroker();
        await using var rig = WorkerRig.Make(("Notify:Mqtt", "false"), ("Mqtt:Host", "127.0.0.1"),
            ("Mqtt:Port", $"{broker.Port}"));
        await rig.StartAgainAsync(ready: false);
        using (await broker.AcceptAsync())
            await rig.UntilAsync("SELECT count(*) FROM broker_session", 1);

        // Lost meanwhile; and from CONNECT on the disk takes nothing.
        Microsoft.Data.Sqlite.SqliteConnection? file = null;
        broker.BeforeWelcome = () => file = rig.Lock();
        using (var lost = await broker.WelcomeAsync(sessionPresent: false))
        {
            await ScriptedBroker.AnswerAsync(lost, 1);
            await rig.Worker.KillAsync();
        }

        file!.Dispose();
        broker.BeforeWelcome = () => { };
        await rig.StartAgainAsync(ready: false);
        using var link = await broker.WelcomeAsync(sessionPresent: true);
        await ScriptedBroker.AnswerAsync(link, 1);

        await rig.UntilAsync("SELECT count(*) FROM gap WHERE end IS NOT NULL", 1);
        Assert.Equal("session_unsure", rig.Text("SELECT cause FROM gap"));
    }

    [Fact]
    public async Task D9_A_kept_session_is_no_gap_and_a_gap_survives_a_restart_as_it_is()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        bool[] present = [false, true, false, true];
        foreach (var kept in present)
        {
            await rig.StartAsync();
            using var link = await rig.During(broker.WelcomeAsync(sessionPresent: kept));
            await rig.During(ScriptedBroker.AnswerAsync(link, 1));
            await rig.UntilConnectedAsync();
            // What a process that ends writes in its last second, this one may write later.
            await rig.RowsAsync("SELECT client FROM broker_session", 1);
            await rig.RowsAsync(Gaps + " WHERE end IS NULL", 0);
            await rig.StopAsync();
        }

        await rig.RowsAsync(Gaps + " WHERE end IS NOT NULL", 1);
        Assert.StartsWith("session_lost|", Assert.Single(rig.Rows(Gaps)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D9_Away_for_longer_than_the_broker_keeps_a_session_is_a_gap_of_its_own_cause()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        using (await rig.During(broker.AcceptAsync()))
        {
            await rig.UntilConnectedAsync();
            await rig.StopAsync();
        }

        var stopped = Now(rig);
        rig.Time.Advance(TimeSpan.FromDays(8));
        await rig.StartAsync();
        using var link = await rig.During(broker.AcceptAsync());

        var gap = (await rig.RowsAsync(Gaps + " WHERE end IS NOT NULL", 1))[0].Split('|');
        Assert.Equal("session_expired", gap[0]);
        Assert.InRange(long.Parse(gap[1]), stopped - 60_000, stopped);
        Assert.InRange(long.Parse(gap[2]) - long.Parse(gap[1]), 8 * 86_400_000L, 8 * 86_400_000L + 120_000);
    }

    [Fact]
    public async Task F10_A_real_broker_without_persistence_restarted_is_listened_to_again_with_one_gap()
    {
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoSettings { Persistence = false });
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        await using (var probe = await MqttProbe.ConnectAsync(broker.Port))
            Assert.True(await probe.PublishAsync("1", WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now - 2000)));
        await rig.UntilSamplesAsync(1);
        var before = rig.Count("SELECT last FROM clock");

        await broker.KillAsync();
        await broker.StartAgainAsync();
        await rig.UntilAsync("SELECT count(*) FROM gap WHERE end IS NOT NULL", 1);

        Assert.Equal("session_lost", rig.Text("SELECT cause FROM gap"));
        Assert.True(rig.Count("SELECT start FROM gap") >= before);
        await using (var probe = await MqttProbe.ConnectAsync(broker.Port))
            Assert.True(await probe.PublishAsync("2", WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now - 1000)));
        await rig.UntilSamplesAsync(2);
        await rig.Worker.KillAsync();
        await rig.StartAgainAsync();
        // While the broker is asked there is one more, until it says that it has kept the session.
        await rig.UntilAsync("SELECT count(*) FROM gap", 1);
        using var client = new HttpClient();
        var page = await client.GetStringAsync(rig.Page, TestContext.Current.CancellationToken);
        Assert.Contains("Possible loss</strong> from today", page, StringComparison.Ordinal);
        Assert.Contains("Broker: connected.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D9_Dropped_QoS_0_messages_are_one_gap_with_their_number_and_QoS_1_loses_nothing()
    {
        using var broker = new ScriptedBroker();
        await using var rig = WorkerRig.Make(
            ("Notify:Mqtt", "false"), ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"),
            ("Intake:LowWaterMessages", "5"), ("Intake:HighWaterMessages", "1000"),
            ("Intake:HardCapMessages", "1001"));
        await rig.StartAgainAsync(ready: false);
        using var link = await broker.AcceptAsync();
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        var start = WorkerRig.Now - 2_000_000;
        using (rig.Lock())
        {
            // In one piece, so that the tap cannot close between them.
            await link.SendAsync(Enumerable.Range(0, 1200)
                .SelectMany(i => RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000)))
                .ToArray());
            await rig.Process.WaitForLineAsync("cannot commit");
        }

        await rig.UntilAsync("""
            SELECT (SELECT count(*) FROM sample) + (SELECT coalesce(sum(lost), 0) FROM gap)
            """, 1200);
        await link.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await link.ReadPubackAsync());

        var dropped = rig.Counter("DroppedQos0");
        Assert.True(dropped > 0);
        Assert.Equal($"qos0_dropped {dropped}", rig.Text("SELECT cause || ' ' || lost FROM gap"));
        Assert.Equal(1201 - dropped, rig.Count("SELECT count(*) FROM sample"));
    }

    static long Now(IntakeRig rig) => rig.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
