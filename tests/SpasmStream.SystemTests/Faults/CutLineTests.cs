using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// The line to the broker reset at any byte, with the door run by a hurried clock: its pauses are those of a
/// worker, and pass faster.
/// </summary>
public sealed class CutLineTests
{
    static readonly TimeSpan _recovery = TimeSpan.FromSeconds(5);

    [Fact]
    public Task F05_Resets_at_random_bytes_lose_nothing_and_double_nothing() =>
        ResetAsync(resets: 20, seed: 1);

    [NightlyFact]
    public Task F05_A_hundred_resets_at_random_bytes_lose_nothing_and_double_nothing() =>
        ResetAsync(resets: 100, seed: 2);

    [Fact]
    public Task F07_Cut_anywhere_in_the_first_300_bytes_it_recovers_and_acknowledges_nothing_wrong() =>
        CutAsync([.. Enumerable.Range(0, 40).Select(i => 1 + i * 299 / 39)], new HurriedTime(20), null);

    [NightlyFact]
    public Task F07_Cut_after_any_of_the_first_300_bytes_it_recovers_in_5_s() =>
        CutAsync([.. Enumerable.Range(1, 300)], TimeProvider.System, _recovery);

    static async Task ResetAsync(int resets, int seed)
    {
        var unobserved = new List<Exception>();
        void Observe(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Add(e.Exception);
        TaskScheduler.UnobservedTaskException += Observe;
        var random = new Random(seed);
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port, seed);
        // Only six connections a minute are made: by this clock they are not waited for.
        await using var rig = await LinkRig.StartAsync(proxy.Port, new HurriedTime(60));
        await rig.UntilAsync(() => rig.State.Listening, "connected");
        await using var device = SteadyPublisher.Start(broker.Port, book, 200);
        for (var i = 0; i < resets; i++)
        {
            var stored = book.Stored(rig.File).Count;
            var way = random.Next(2) == 0 ? proxy.Up : proxy.Down;
            way.CutAfter = random.Next(1, way == proxy.Up ? 400 : 10_000);
            await rig.UntilAsync(() => way.CutAfter < 0, "cut");
            await rig.UntilAsync(() => book.Stored(rig.File).Count > stored, "flowing again");
        }

        await device.StopAsync();
        await rig.UntilAsync(() => book.IsSettled(rig.File), "all stored");
        book.Judge(rig.File).AssertClean();
        Assert.All(proxy.Logs, log => log.AssertAcknowledgedInOrder());
        Assert.True(proxy.Logs.Count > resets, $"{proxy.Logs.Count} connections");
        await rig.StopAsync();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= Observe;
        Assert.DoesNotContain(unobserved, it => it.ToString().Contains("SpasmStream.Worker.Intake",
            StringComparison.Ordinal));
    }

    static async Task CutAsync(List<int> after, TimeProvider time, TimeSpan? within)
    {
        var book = new SetFull();
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port);
        await using var rig = await LinkRig.StartAsync(proxy.Port, time);
        await rig.UntilAsync(() => rig.State.Listening, "connected");
        foreach (var bytes in after)
        {
            // They wait at the broker, so that they follow its welcome at once.
            await rig.StopAsync();
            await PublishAsync(broker.Port, book, 4);
            proxy.Down.CutAfter = bytes;
            var connections = proxy.Logs.Count;
            await rig.ConnectAsync();
            await rig.UntilAsync(() => proxy.Down.CutAfter < 0, $"cut after {bytes}");
            var cut = TimeProvider.System.GetTimestamp();
            // A cut behind the last message leaves nothing unsettled: it has to come back all the same.
            await rig.UntilAsync(() => proxy.Logs.Count > connections + 1 && rig.State.Listening
                && book.IsSettled(rig.File), $"recovered from a cut after {bytes}");
            var took = TimeProvider.System.GetElapsedTime(cut);
            Assert.True(within is null || took < within, $"Recovering from a cut after {bytes} took {took}.");
        }

        book.Judge(rig.File).AssertClean();
        Assert.Equal(4 * after.Count, book.Acknowledged.Count);
        Assert.All(proxy.Logs, log => log.AssertAcknowledgedInOrder());
        Assert.True(proxy.Logs.Count > 2 * after.Count, $"{proxy.Logs.Count} connections");
    }

    static async Task PublishAsync(int port, SetFull book, int messages)
    {
        using var device = await RawMqtt.ConnectAsync(port, "cut");
        for (var i = 1; i <= messages; i++)
        {
            var id = book.Next();
            await device.SendAsync(RawMqtt.Publish(i, book.Topic, book.Message(id)));
            var answer = await device.ReadPubackAsync();
            Assert.Equal(i, answer.PacketId);
            book.Answered(id, answer.Reason);
        }
    }
}
