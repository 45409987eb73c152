using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>What is told of the counters is what stands in the file.</summary>
public sealed class LedgerTests
{
    [Fact]
    public async Task Counters_and_dead_letters_are_read_from_the_file_at_most_once_a_second()
    {
        using var store = new TempStore();
        var time = new FrozenTime(Some.Start);
        var ledger = new Ledger(store.File, time);
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(0, 60), Some.Bpm(1, 9000),
            Some.Message("not json"), Some.Message("nor this"));
        var old = Some.Message("") with { Retained = true };
        await store.RunAsync(session => Appending.Run(session, [new Arrival(old,
            new WireDecoder().Decode(old.Topic, old.Payload, old.Received, DecodeLimits.AnyTime), true)]));
        Assert.Null(ledger.Page);

        var page = ledger.Turn()!;
        Assert.Equal((6, 1, 1, 3, 1), (page.Of(Counter.MessagesReceived), page.Of(Counter.MessagesStored),
            page.Of(Counter.MessagesDuplicate), page.Of(Counter.MessagesDead),
            page.Of(Counter.MessagesIgnored)));
        Assert.Equal([("json", 2L), ("range", 1L)],
            page.DeadLetters.OrderBy(it => it.Key).Select(it => (it.Key, it.Value)));
        Assert.True(page.Log > 0);

        await store.AppendAsync(Some.Bpm(2, 60), Some.Message("[1]"));
        time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Same(page, ledger.Turn());
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(8, ledger.Turn()!.Of(Counter.MessagesReceived));
        Assert.Equal(4, ledger.Page!.DeadLetters.Values.Sum());
    }

    [Fact]
    public async Task What_was_purged_is_gone_from_the_reasons()
    {
        using var store = new TempStore();
        var time = new FrozenTime(Some.Start);
        var ledger = new Ledger(store.File, time);
        await store.AppendAsync(Some.Message("not json"));
        Assert.Equal(1, ledger.Turn()!.DeadLetters["json"]);

        await store.RunAsync(session =>
        {
            session.Count(Counter.DeadLettersPurged, session.DeadLetters.Remove(new DeadLetterFilter()));
            return true;
        });
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Empty(ledger.Turn()!.DeadLetters);
    }

    [Fact]
    public async Task Points_that_wait_are_what_was_journalled_and_met_no_end()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(1, 61), Some.Bpm(2, 62));
        var time = new FrozenTime(Some.Start);
        var ledger = new Ledger(store.File, time);
        Assert.Equal(3, ledger.Turn()!.PointsWaiting);
        Assert.True(ledger.Page!.Backlog.Bytes > 0);

        await influx.DrainAsync();
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, ledger.Turn()!.PointsWaiting);
        Assert.Equal(ledger.Page!.Of(Counter.PointsJournalled), ledger.Page.Of(Counter.PointsForwarded));
        Assert.Equal(0, ledger.Page!.Backlog.Bytes);
    }

    [Fact]
    public void A_file_that_cannot_be_asked_is_told_as_nothing_and_not_as_what_it_was()
    {
        using var store = new TempStore();
        _ = store.Writer;
        var time = new FrozenTime(Some.Start);
        var ledger = new Ledger(store.File, time);
        Assert.NotNull(ledger.Turn());
        store.Close();
        File.Delete(store.File.Path);

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(ledger.Turn());
        Assert.Null(ledger.Page);
    }
}
