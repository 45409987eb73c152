using System.Net;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>What a network does between the broker and us while devices publish.</summary>
public sealed class NetworkFaultTests
{
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    [Fact]
    public Task F04_A_line_that_is_dead_without_a_word_is_given_up_and_shown() =>
        HalfOpenAsync(keepAlive: 2, within: null);

    [NightlyFact]
    public Task F04_A_dead_line_is_torn_down_in_two_keep_alives_of_4_s() =>
        // The watch looks four times a second.
        HalfOpenAsync(keepAlive: 4, within: TimeSpan.FromSeconds(8.5));

    [Fact]
    public Task F06_A_slow_line_that_cuts_messages_into_bytes_works() =>
        SlicedAsync(latency: 40, perSecond: 100, messages: 300);

    [NightlyFact]
    public Task F06_Five_minutes_of_single_bytes_200_ms_late_are_one_connection() =>
        SlicedAsync(latency: 200, perSecond: 50, messages: 50 * 300);

    [Fact]
    public Task F05_Devices_reset_at_random_bytes_keep_what_was_not_acknowledged() =>
        DevicesResetAsync(resets: 30);

    [NightlyFact]
    public Task F05_A_hundred_resets_of_devices_at_random_bytes_lose_nothing() =>
        DevicesResetAsync(resets: 100);

    static async Task HalfOpenAsync(int keepAlive, TimeSpan? within)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port);
        await using var rig = await WorkerRig.StartAsync(
            proxy.Port, ("Notify:Mqtt", "false"), ("Mqtt:KeepAliveSeconds", $"{keepAlive}"));
        await using var device = SteadyPublisher.Start(broker.Port, book, 200);
        await UntilAsync(rig, () => book.Acknowledged.Count >= 100, "published");

        proxy.Blackhole = true;
        var began = TimeProvider.System.GetTimestamp();
        await rig.Process.WaitForLineAsync("The connection to the broker ended", _patience);
        if (within is { } most)
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, most);
        using var client = new HttpClient();
        await rig.Process.WaitUntilAsync(async stop =>
        {
            using var health = await client.GetAsync(new Uri(rig.Page, "/health/ready"), stop);
            return health.StatusCode == HttpStatusCode.ServiceUnavailable;
        }, "shown as not ready");
        proxy.Blackhole = false;

        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        await SettleAsync(rig, device, book);
        Assert.All(proxy.Logs, log => log.AssertAcknowledgedInOrder());
    }

    static async Task SlicedAsync(int latency, int perSecond, int messages)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port);
        foreach (var way in new[] { proxy.Up, proxy.Down })
            (way.Latency, way.Jitter, way.OneByte, way.BytesPerSecond) = (latency, latency / 4, true, 64_000);
        await using var rig = await WorkerRig.StartAsync(
            proxy.Port, ("Notify:Mqtt", "false"), ("Mqtt:KeepAliveSeconds", "4"));
        await using var device = SteadyPublisher.Start(broker.Port, book, perSecond);
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(book.Acknowledged.Count >= messages),
            "published", TimeSpan.FromMinutes(8));

        await SettleAsync(rig, device, book);
        proxy.Logs.Single().AssertAcknowledgedInOrder();
    }

    static async Task DevicesResetAsync(int resets)
    {
        var random = new Random(5);
        var book = new SetFull();
        await using var rig = await WorkerRig.StartAsync();
        await using var proxy = new ChaosProxy(rig.BrokerPort);
        await using var device = SteadyPublisher.Start(proxy.Port, book, 400, "ada", ("ada", "a"));
        for (var i = 0; i < resets; i++)
        {
            var so = book.Acknowledged.Count;
            var way = random.Next(2) == 0 ? proxy.Up : proxy.Down;
            way.CutAfter = random.Next(1, way == proxy.Up ? 3000 : 200);
            await UntilAsync(rig, () => way.CutAfter < 0, "cut");
            await UntilAsync(rig, () => book.Acknowledged.Count > so, "published again");
        }

        await SettleAsync(rig, device, book);
        // Some are cut before they are welcome.
        Assert.True(device.Connections > resets / 2, $"{device.Connections} connections");
        Assert.DoesNotContain("Unhandled", rig.Process.Output, StringComparison.OrdinalIgnoreCase);
    }

    static async Task SettleAsync(WorkerRig rig, SteadyPublisher device, SetFull book)
    {
        await device.StopAsync();
        await UntilAsync(rig, () => book.IsSettled(rig.File), "all stored");
        book.Judge(rig.File).AssertClean();
    }

    static Task UntilAsync(WorkerRig rig, Func<bool> so, string what) =>
        rig.Process.WaitUntilAsync(_ => Task.FromResult(so()), what, _patience);
}
