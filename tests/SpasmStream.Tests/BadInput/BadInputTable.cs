using System.Globalization;
using Microsoft.Extensions.Options;
using SpasmStream.Tests.Intake;
using SpasmStream.Tests.Notify;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.BadInput;

/// <summary>
/// Every bad message from the bytes of its packet to the file: its dead letters and nothing else, the
/// corridor goes on, and no word of a payload is in the log or in what is said of it.
/// </summary>
public sealed class BadInputTable
{
    [Fact]
    public Task B01_to_B44_A_bad_message_is_a_dead_letter_and_the_next_good_one_is_kept() =>
        SendAllAsync(TimeProvider.System, BadMessages.All);

    [Fact]
    public Task B33_Where_the_clock_stands_still_the_edges_of_the_future_are_exact() =>
        SendAllAsync(new FrozenTime(Some.Start), BadMessages.Edges);

    static async Task SendAllAsync(TimeProvider time, Func<long, IEnumerable<BadMessage>> messages)
    {
        var stop = TestContext.Current.CancellationToken;
        using var store = new TempStore();
        var log = new LogLines<StoreWriter>();
        using var writer = new StoreWriter(store.File, store.Options, TimeProvider.System, logger: log);
        var options = Options.Create(new IntakeOptions());
        var queue = new DeliveryQueue(options, new ArrivalClock(time));
        using var assess = new AssessQueue();
        using var pipeline = new Pipeline(queue, new WireDecoder(),
            new WearerDirectory([], admitsStrangers: true), new SqliteJournal(writer), assess,
            new CommitSignal(), options, new Heartbeats(TimeProvider.System));
        await pipeline.StartAsync(stop);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var next = now - 30_000_000;

        List<string> wrong = [];

        foreach (var bad in messages(now))
        {
            var (samples, letters) = (Samples(store), Letters(store).Count);

            var outcome = await SendAsync(queue, Packets.Publish(
                1, bad.Payload, bad.Topic, properties: bad.Properties));

            var said = $"{outcome.Reason}: {string.Join(' ', Letters(store).Skip(letters))}, "
                + $"{Samples(store) - samples} samples";
            if (said != $"{(bad.Code == 0 ? null : bad.Reasons[0])}: {string.Join(' ', bad.Reasons)}, "
                + $"{bad.Stored} samples")
                wrong.Add($"{bad}: {said}");
            samples = Samples(store);
            Assert.Null((await SendAsync(queue, Packets.Publish(2, BadMessages.Good(next++)))).Reason);
            Assert.Equal(samples + 1, Samples(store));
        }

        Assert.Empty(wrong);
        Assert.All(store.Rows("SELECT detail FROM dead_letter"),
            detail => Assert.DoesNotContain(BadMessages.Canary, detail, StringComparison.Ordinal));
        Assert.Empty(log.Lines);
        await pipeline.StopAsync(stop);
    }

    static Task<DeliveryOutcome> SendAsync(DeliveryQueue queue, byte[] packet)
    {
        var told = new TaskCompletionSource<DeliveryOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        var delivery = Assert.Single(Packets.Messages(Packets.Stream(), packet));
        delivery.Acknowledge = (_, outcomes) => told.SetResult(outcomes[0]);
        Assert.True(queue.TryAdd(delivery));
        return told.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    static int Samples(TempStore store) =>
        int.Parse(store.Row("SELECT count(*) FROM sample"), CultureInfo.InvariantCulture);

    static IReadOnlyList<string> Letters(TempStore store) =>
        store.Rows("SELECT reason FROM dead_letter ORDER BY id");
}
