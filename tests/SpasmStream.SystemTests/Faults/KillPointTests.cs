using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;
using SpasmStream.SystemTests.Notify;
using SpasmStream.SystemTests.Replay;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// The worker is killed at named places under load and started again: nothing acknowledged is lost.
/// </summary>
public sealed class KillPointTests
{
    const int Killed = 137;
    const string Checkpoint = "during_checkpoint";
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan _fiveSeconds = TimeSpan.FromSeconds(5);

    static readonly string[] _corridor =
        ["after_receive", "before_commit", "after_commit", "before_ack", "after_ack", Checkpoint];

    [Fact]
    public Task F30_Killed_at_each_place_of_the_corridor_nothing_acknowledged_is_lost() =>
        KillAsync(_corridor, seed: 30);

    [Fact]
    public async Task F30_Killed_as_it_receives_from_a_broker_that_is_not_ours_nothing_is_lost()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await KillAsync(["after_receive", "before_ack"], seed: 31, broker);
    }

    [NightlyTheory]
    [InlineData("after_receive")]
    [InlineData("before_commit")]
    [InlineData("after_commit")]
    [InlineData("before_ack")]
    [InlineData("after_ack")]
    [InlineData(Checkpoint)]
    public Task F30_Killed_25_times_at_one_place(string place) =>
        KillAsync(Enumerable.Repeat(place, 25), seed: 25);

    [NightlyTheory]
    [InlineData("after_receive")]
    [InlineData("before_commit")]
    [InlineData("after_commit")]
    [InlineData("before_ack")]
    [InlineData("after_ack")]
    [InlineData(Checkpoint)]
    public async Task F30_Killed_25_times_at_one_place_behind_a_broker_that_is_not_ours(string place)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await KillAsync(Enumerable.Repeat(place, 25), seed: 26, broker);
    }

    [NightlyFact]
    public async Task F30_Killed_200_times_anywhere()
    {
        var random = new Random(200);
        await using var rig = WorkerRig.Make();
        await using var load = SteadyLoad.Start(rig);
        for (var kill = 0; kill < 200; kill++)
        {
            await rig.StartAgainAsync(ready: false);
            await AckingAgainAsync(rig, load);
            await Task.Delay(random.Next(600), TestContext.Current.CancellationToken);
            await rig.Worker.KillAsync();
        }

        await EndAsync(rig, load);
    }

    // Readiness goes first, the corridor last: at both the doors are not closed yet or just were.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task F30_Killed_while_it_stops_nothing_acknowledged_is_lost(int passing) =>
        KillStoppingAsync(passing, times: 1);

    [NightlyTheory]
    [InlineData(1)]
    [InlineData(2)]
    public Task F30_Killed_25_times_while_it_stops(int passing) => KillStoppingAsync(passing, times: 25);

    [Fact]
    public Task F30_Killed_between_sending_and_marking_the_same_key_goes_out_again() => KillSendingAsync(2);

    [NightlyFact]
    public Task F30_Killed_25_times_between_sending_and_marking() => KillSendingAsync(25);

    [Fact]
    public Task F30_Killed_before_an_alert_is_written_it_is_raised_once_all_the_same() =>
        KillRaisingAsync(kills: 2, days: 45);

    [NightlyFact]
    public Task F30_Killed_25_times_before_an_alert_is_written() => KillRaisingAsync(kills: 25, days: 120);

    static async Task KillAsync(IEnumerable<string> places, int seed, MosquittoBroker? broker = null)
    {
        var random = new Random(seed);
        await using var rig = broker is null ? WorkerRig.Make()
            : WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        await using var load = broker is null ? SteadyLoad.Start(rig) : SteadyLoad.Start(broker.Port);
        foreach (var place in places)
        {
            // The log is written back every few seconds; all else happens many times in each.
            var passing = place == Checkpoint ? random.Next(1, 3) : random.Next(2, 80);
            rig.Failpoints = $"{place}=kill@{passing}";
            await rig.StartAgainAsync(ready: false);
            // Behind a broker that is not ours an answer says nothing of the worker.
            if (broker is null)
                await AckingAgainAsync(rig, load);
            Assert.Equal(Killed, await rig.Process.ExitAsync(_patience));
        }

        rig.Failpoints = "";
        await EndAsync(rig, load);
    }

    static async Task KillStoppingAsync(int passing, int times)
    {
        await using var rig = WorkerRig.Make();
        await using var load = SteadyLoad.Start(rig);
        for (var i = 0; i < times; i++)
        {
            rig.Failpoints = $"during_shutdown=kill@{passing}";
            await rig.StartAgainAsync();
            await load.MoreAsync(20, rig.Process);
            Assert.Equal(Killed, await rig.Worker.StopAsync());
        }

        rig.Failpoints = "";
        await EndAsync(rig, load);
    }

    static async Task KillSendingAsync(int kills)
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System);
        await using var rig = WorkerRig.Make(
            ("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"), ("Notify:Mqtt", "false"),
            ("Notify:Webhooks:0:Url", receiver.Url), ("Notify:Webhooks:0:Secret", WebhookReceiver.Secret),
            ("Notify:Webhooks:0:AllowedHosts:0", "127.0.0.1"));
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                new OutChannel("webhook"));
        for (var kill = 0; kill < kills; kill++)
        {
            rig.Failpoints = "after_send_before_mark=kill@1";
            await rig.StartAgainAsync(ready: false);
            Assert.Equal(Killed, await rig.Process.ExitAsync());
            await receiver.NextAsync();
        }

        rig.Failpoints = "";
        await rig.StartAgainAsync();
        await receiver.NextAsync();
        await rig.UntilAsync("SELECT count(*) FROM outbox WHERE state='delivered'", 1);
        Assert.Equal(kills + 1, Assert.Single(receiver.Effects).Value);
    }

    static async Task KillRaisingAsync(int kills, int days)
    {
        var stop = TestContext.Current.CancellationToken;
        var random = new Random(kills);
        var feed = new HostileFeed(new Random(1)).Of("ada", Character.Responder, days);
        var expected = await CountForecastsAsync(feed);
        await using var rig = WorkerRig.Make(("Intake:Replay", "true"));
        await using var publisher = new MqttPublisher(
            new BrokerAddress("127.0.0.1", rig.BrokerPort, "ada", "a", _patience), "feed",
            TimeProvider.System);
        var publishing = publisher.PublishAsync(feed, _ => { }, stop);
        for (var kill = 0; kill < kills; kill++)
        {
            rig.Failpoints = $"before_alert_insert=kill@{random.Next(1, 4)}";
            await rig.StartAgainAsync(ready: false);
            Assert.Equal(Killed, await rig.Process.ExitAsync(_patience));
        }

        rig.Failpoints = "";
        await rig.StartAgainAsync();
        await publishing.WaitAsync(_patience, stop);
        await rig.UntilAsync("SELECT count(*) FROM forecast", expected, _patience);
        Assert.Equal(0, await rig.Worker.StopAsync());
        Assert.True(rig.Count("SELECT count(*) FROM outbox") > 0);
        Assert.Equal(0, rig.Count("SELECT count(*) FROM alert WHERE key NOT IN (SELECT key FROM outbox)"));
        Assert.Equal(rig.Count("SELECT sum(alerted) FROM forecast"), rig.Count("SELECT count(*) FROM alert"));
    }

    /// <summary>The same messages in memory: how many forecasts there will be.</summary>
    static async Task<int> CountForecastsAsync(List<WireMessage> feed)
    {
        var backtest = new Backtest(new WearerDirectory([], admitsStrangers: true, "Europe/Berlin"));
        foreach (var message in feed)
            backtest.Add(new Delivery
            {
                Topic = message.Topic,
                Payload = message.Payload,
                Received = message.Received!.Value,
                Replayed = true,
            });
        return (await backtest.RunAsync(TestContext.Current.CancellationToken)).Count;
    }

    /// <summary>Until something new is acknowledged, unless it was killed before; at night in 5 s.</summary>
    static async Task AckingAgainAsync(WorkerRig rig, SteadyLoad load)
    {
        var began = TimeProvider.System.GetTimestamp();
        await load.MoreAsync(1, rig.Process);
        if (NightlyFactAttribute.IsNight && !rig.Process.HasExited)
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, _fiveSeconds);
    }

    static async Task EndAsync(WorkerRig rig, SteadyLoad load)
    {
        await rig.StartAgainAsync();
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        Assert.Equal(0, await rig.Worker.StopAsync());
        load.AssertClean(rig);
        Assert.True(load.Acknowledged > 0);
        Assert.Empty(rig.File.Faults(quick: false));
    }
}
