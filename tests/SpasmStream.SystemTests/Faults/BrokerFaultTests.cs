using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>What a broker does that is killed, restarted or frozen while devices publish.</summary>
public sealed class BrokerFaultTests
{
    const string Ended = "The connection to the broker ended";
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    [Fact]
    public Task F01_Of_what_reached_us_before_the_broker_was_killed_nothing_is_lost_or_doubled() =>
        KilledAsync(perSecond: 400, messages: 150, away: TimeSpan.FromSeconds(0.2), back: null);

    [NightlyFact]
    public Task F01_Five_seconds_after_it_listens_again_we_are_back_at_a_killed_broker() =>
        KilledAsync(perSecond: 200, messages: 4_000, away: TimeSpan.FromSeconds(5),
            back: TimeSpan.FromSeconds(5));

    [Fact]
    public Task F02_A_broker_restarted_three_times_costs_nothing_it_had_acknowledged() =>
        RestartedAsync(times: 3, messages: 60);

    [NightlyFact]
    public Task F02_A_broker_restarted_ten_times_costs_nothing_it_had_acknowledged() =>
        RestartedAsync(times: 10, messages: 400);

    [Fact]
    public Task F03_A_frozen_broker_is_given_up_and_what_it_has_comes_when_it_goes_on() =>
        FrozenAsync(keepAlive: 2, noticed: null, resumed: null);

    [NightlyFact]
    public Task F03_A_broker_frozen_for_a_minute_is_noticed_in_two_keep_alives_and_back_in_35_s() =>
        FrozenAsync(keepAlive: 30, noticed: TimeSpan.FromSeconds(60.5), resumed: TimeSpan.FromSeconds(35));

    [NightlyFact]
    public async Task F13_A_broker_that_wants_ten_seconds_keeps_us_for_a_minute_in_which_nothing_is_said()
    {
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoSettings { MaxKeepAlive = 10 });
        await using var rig = await WorkerRig.StartAsync(broker.Port, ("Notify:Mqtt", "false"));

        await Task.Delay(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.DoesNotContain(Ended, rig.Process.Output, StringComparison.Ordinal);
        Assert.Equal(2, broker.Process.Output.Split('\n').Count(line =>
            line.Contains("New client connected", StringComparison.Ordinal)
            && line.Contains(" as spasmstream ", StringComparison.Ordinal)));
    }

    static async Task KilledAsync(int perSecond, int messages, TimeSpan away, TimeSpan? back)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port);
        await using var rig = await WorkerRig.StartAsync(proxy.Port, ("Notify:Mqtt", "false"));
        await using var device = SteadyPublisher.Start(broker.Port, book, perSecond);
        await UntilAsync(rig, () => book.Acknowledged.Count >= messages, "published");
        var before = proxy.Logs.Count;

        // First nobody is to be reached, as on a machine whose broker is gone.
        proxy.Close();
        await broker.KillAsync();
        await Task.Delay(away, TestContext.Current.CancellationToken);
        await broker.StartAgainAsync();
        proxy.Open();
        var listens = TimeProvider.System.GetTimestamp();
        const int suback = 9;
        await UntilAsync(rig, () => proxy.Logs.Skip(before).Any(log => log.Down.Any(p => p.Type == suback)),
            "subscribed again");
        if (back is { } most)
            Assert.InRange(TimeProvider.System.GetElapsedTime(listens), TimeSpan.Zero, most);
        await UntilAsync(rig, () => book.Acknowledged.Count >= 2 * messages, "published again");
        await device.StopAsync();

        // The broker may have lost what it acknowledged; of what it passed on to us, nothing is gone.
        var last = book.Acknowledged.Max();
        await UntilAsync(rig, () => book.Stored(rig.File).Contains(last), "the last one stored");
        var reached = proxy.Logs.SelectMany(log => log.Publishes()).Select(it => SetFull.IdOf(it.Payload));
        await UntilAsync(rig, () => !reached.Except(book.Stored(rig.File)).Any(), "what reached us stored");
        Assert.All(proxy.Logs, log => log.AssertAcknowledgedInOrder());
        var verdict = book.Judge(rig.File);
        Assert.Empty(verdict.Lost.Intersect(reached));
        Assert.True((verdict with { Lost = [] }).IsClean, verdict.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{verdict}; lost by the broker itself.");
    }

    static async Task RestartedAsync(int times, int messages)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        await using var device = SteadyPublisher.Start(broker.Port, book, 200);
        for (var i = 0; i < times; i++)
        {
            var so = book.Acknowledged.Count;
            await UntilAsync(rig, () => book.Acknowledged.Count >= so + messages, "published");
            await broker.StopAsync();
            await broker.StartAgainAsync();
            var connections = i + 2;
            await UntilAsync(rig, () => device.Connections >= connections, "the device is back");
        }

        await device.StopAsync();
        await UntilAsync(rig, () => book.IsSettled(rig.File), "all stored");
        book.Judge(rig.File).AssertClean();
        Assert.Equal(times + 1, device.Connections);
    }

    static async Task FrozenAsync(int keepAlive, TimeSpan? noticed, TimeSpan? resumed)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(
            broker.Port, ("Notify:Mqtt", "false"), ("Mqtt:KeepAliveSeconds", $"{keepAlive}"));
        await using var device = SteadyPublisher.Start(broker.Port, book, 200);
        await UntilAsync(rig, () => book.Acknowledged.Count >= 200, "published");

        broker.Process.Send(Signal.Stop);
        var frozen = TimeProvider.System.GetTimestamp();
        await rig.Process.WaitForLineAsync(Ended, _patience);
        if (noticed is { } most)
            Assert.InRange(TimeProvider.System.GetElapsedTime(frozen), TimeSpan.Zero, most);
        var so = book.Acknowledged.Count;
        var stored = book.Stored(rig.File).Count;
        broker.Process.Send(Signal.Continue);
        var goes = TimeProvider.System.GetTimestamp();
        await UntilAsync(rig, () => book.Stored(rig.File).Count > stored, "resumed");
        if (resumed is { } longest)
            Assert.InRange(TimeProvider.System.GetElapsedTime(goes), TimeSpan.Zero, longest);

        await UntilAsync(rig, () => book.Acknowledged.Count >= so + 200, "published again");
        await device.StopAsync();
        await UntilAsync(rig, () => book.IsSettled(rig.File), "all stored");
        book.Judge(rig.File).AssertClean();
    }

    static Task UntilAsync(WorkerRig rig, Func<bool> so, string what) =>
        rig.Process.WaitUntilAsync(_ => Task.FromResult(so()), what, _patience);
}
