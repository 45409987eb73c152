using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Assess;

/// <summary>A wearer is looked at when there is something to be said, not whenever a sample comes.</summary>
public sealed class AssessLoopTests : IDisposable
{
    readonly Journal _journal = new();
    readonly AssessQueue _news = new();
    readonly AssessState _state = new();
    AssessLoop? _loop;

    public void Dispose()
    {
        _loop?.Dispose();
        _news.Dispose();
        _journal.Dispose();
    }

    [Fact(Timeout = 120_000)]
    public async Task D6_A_replay_that_streams_in_issues_what_one_walk_over_the_whole_record_issues()
    {
        const string ledger = "SELECT issued || ' ' || kind || ' ' || features FROM forecast ORDER BY issued";
        var stop = TestContext.Current.CancellationToken;
        Delivery[] messages = [.. Journal.History(14).OrderBy(message => message.Received)];
        using var whole = new Journal();
        await whole.KeepAsync(messages);
        await whole.Follow().AdvanceAsync(messages[^1].Received - TrackedWearer.ReplayHold, true, stop);
        var expected = whole.Query<string>(ledger);

        await StartAsync(replay: true, Said.Reader());
        foreach (var batch in messages.Chunk(50))
            await KeepAsync(batch);
        while (_journal.Query<string>(ledger).Count < expected.Count)
            await Task.Delay(5, stop);

        Assert.True(expected.Count > 14);
        Assert.Equal(expected, _journal.Query<string>(ledger));
        Assert.Equal(whole.HashOf("hour_summary", "day_summary"),
            _journal.HashOf("hour_summary", "day_summary"));
    }

    [Fact(Timeout = 60_000)]
    public async Task D6_A_diary_entry_is_looked_at_at_once_and_a_sample_when_its_time_comes()
    {
        var stop = TestContext.Current.CancellationToken;
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = Said.Reader();
        await StartAsync(replay: false, (wearer, entry) =>
        {
            seen.TrySetResult(entry.Kind);
            return read(wearer, entry);
        });
        var now = Instant.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var ms = now.ToUnixTimeMilliseconds();

        await KeepAsync(Journal.Sent("watch/heart-rate", $$"""{"v":1,"t":{{ms}},"bpm":61}""", now)
            with { Replayed = false });
        while (_state.Live < 1)
            await Task.Delay(5, stop);
        Assert.False(seen.Task.IsCompleted);
        await KeepAsync(Journal.Sent("diary/episode",
            $$"""{"v":1,"id":"e1","t":{{ms}},"type":"migraine"}""", now) with { Replayed = false });

        Assert.Equal("episode", await seen.Task);
    }

    async Task StartAsync(bool replay, ReadEntry read)
    {
        var options = Options.Create(new IntakeOptions { Replay = replay });
        _loop = new AssessLoop(_news, new DeliveryQueue(options, new ArrivalClock(TimeProvider.System)),
            _journal.File, _journal.Writer, new WearerDirectory([], admitsStrangers: true, "Europe/Berlin"),
            read, _state, [], options, new Heartbeats(TimeProvider.System), TimeProvider.System,
            NullLogger<AssessLoop>.Instance);
        await _loop.StartAsync(TestContext.Current.CancellationToken);
    }

    async Task KeepAsync(params Delivery[] deliveries)
    {
        List<Arrival> arrivals = [.. deliveries.Select(_journal.Read)];
        var outcomes = await _journal.Writer.RunAsync(session => Appending.Run(session, arrivals),
            TestContext.Current.CancellationToken);
        Assert.All(outcomes, outcome => Assert.Null(outcome.Reason));
        _news.Add(arrivals, outcomes);
    }
}
