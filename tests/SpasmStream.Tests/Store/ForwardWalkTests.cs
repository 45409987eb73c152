using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>A target that comes later is told what was here before, and never an old value last.</summary>
public sealed class ForwardWalkTests
{
    [Fact]
    public async Task D7_What_was_here_before_is_told_in_slices_that_go_on_after_a_restart_at_any_point()
    {
        using var store = new TempStore();
        using var influx = new ModelInflux(store);
        await store.AppendAsync([.. Enumerable.Range(0, 500).Select(i => Some.Bpm(i, 60 + i % 9))]);
        influx.Restart();
        store.Options.ForwardTarget = "one";
        await store.AppendAsync(Some.Bpm(3, 99, rev: 1), Some.Bpm(900, 70));

        for (var i = 0; await influx.TakeAsync(70) is { } batch; i++)
        {
            if (i % 2 == 0)
                await influx.Queue.ForwardedAsync(batch, [], TestContext.Current.CancellationToken);
            influx.Restart();
        }

        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        Assert.Equal("5", store.Row("SELECT step FROM forward_target"));
        // Each slice at most twice, and the two that came on their own.
        Assert.InRange(influx.Taken, 503, 2 * 503 + 140);
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task D5_No_correction_is_overtaken_by_the_history_whatever_the_turns()
    {
        var random = new Random(7);
        for (var round = 0; round < 8; round++)
        {
            using var store = new TempStore();
            using var influx = new ModelInflux(store);
            await store.AppendAsync([.. Enumerable.Range(0, 60).Select(i => Some.Bpm(i, 60))]);
            influx.Restart();
            store.Options.ForwardTarget = "one";
            for (var i = 1; i < 80; i++)
            {
                await store.AppendAsync(Some.Bpm(random.Next(60), 60 + i, rev: i));
                var batch = random.Next(2) == 0 ? await influx.TakeAsync(1 + random.Next(9)) : null;
                // Corrected while it is on its way.
                await store.AppendAsync(Some.Bpm(random.Next(60), 160 + i, rev: i + 1));
                if (batch is not null && random.Next(6) > 0)
                    await influx.Queue.ForwardedAsync(batch, [], TestContext.Current.CancellationToken);
                else if (random.Next(9) == 0)
                    influx.Restart();
            }

            await influx.DrainAsync(7);

            Assert.Equal(ModelInflux.Standing(store), influx.Held);
            ModelInflux.AssertAddsUp(store);
        }
    }

    [Fact]
    public async Task Another_target_is_told_everything_and_the_same_again_nothing()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var one = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(1, 61));
        await one.DrainAsync();
        await store.AppendAsync(Some.Bpm(0, 70, rev: 1));
        one.Restart();
        using var other = new ModelInflux(store);
        store.Options.ForwardTarget = "other";
        await other.DrainAsync(1);

        Assert.Equal(ModelInflux.Standing(store), other.Held);
        other.Restart();
        Assert.Null(await other.TakeAsync());
        // An address may hold a name.
        Assert.DoesNotContain(
            "other", store.Row("SELECT target FROM forward_target"), StringComparison.Ordinal);
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task A_target_that_went_away_stops_the_journal_and_is_told_everything_when_it_comes_back()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60));
        await influx.DrainAsync();
        await store.AppendAsync(Some.Bpm(1, 61));
        influx.Restart();
        store.Options.ForwardTarget = null;
        await store.AppendAsync(Some.Bpm(2, 62));
        Assert.Null(await influx.TakeAsync());
        Assert.Equal("1", store.Row("SELECT count(*) FROM forward"));
        await ForwardDrop.All().SliceAsync(store.Writer, 100);
        Assert.Equal("0", store.Row("SELECT count(*) FROM forward"));
        Assert.Empty(store.Rows("SELECT * FROM gap"));
        ModelInflux.AssertAddsUp(store);
        influx.Restart();
        store.Options.ForwardTarget = "one";
        await influx.DrainAsync();

        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task D7_Whoever_was_told_before_is_told_that_it_stands_and_whoever_is_new_is_not()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(1, 61), Some.Bpm(2, 62));
        await store.RunAsync(session => session.Execute("UPDATE sample SET gone=1 WHERE value=61"));

        Assert.Equal("stands gone stands", await WalkAsync(store, "one"));
        Assert.Equal("stands gone stands", await WalkAsync(store, "other"));
        Assert.Equal("again gone again", await WalkAsync(store, "one"));
        Assert.Equal("", await WalkAsync(store, null));
        Assert.Equal("again gone again", await WalkAsync(store, "other"));
        Assert.Equal("stands gone stands", await WalkAsync(store, "third"));
        // As a store does that is brought back: what anybody was told after that nobody knows.
        using (var connection = store.File.OpenWriter())
            ForwardTarget.Forget(connection);
        Assert.Equal("again gone again", await WalkAsync(store, "fourth"));
    }

    [Fact]
    public async Task D7_A_store_that_was_recovered_does_not_know_whom_its_samples_were_told()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        await WalkAsync(store, "one");
        store.Close();
        using var into = new TempStore(new StoreOptions { ForwardTarget = "one" });
        await RecoverCommand.SaveAsync(store.File.Path, into.Options.Directory);

        Assert.Equal("again", await WalkAsync(into, "one"));
    }

    /// <summary>One after the other, with a restart after each.</summary>
    static async Task<string> WalkAsync(TempStore store, string? target)
    {
        store.Options.ForwardTarget = target;
        store.Close();
        var said = new List<string>();
        using var influx = new ModelInflux(store);
        while (await influx.TakeAsync(1) is { } batch)
        {
            said.AddRange(batch.Samples.Select(it => it.Gone ? "gone" : it.StandsAgain ? "again" : "stands"));
            await influx.Queue.ForwardedAsync(batch, [], TestContext.Current.CancellationToken);
            influx.Restart();
        }

        influx.Restart();
        return string.Join(' ', said);
    }

    [Fact]
    public async Task S28_Nothing_is_thinned_that_is_still_to_be_forwarded()
    {
        var now = Some.Start + Duration.FromDays(100);
        var options = new StoreOptions { ForwardTarget = "one", RawDays = 35 };
        using var store = new TempStore(options);
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(86_400, 61), Some.Bpm(2 * 86_400, 62));
        await store.FoldAsync(now);

        await influx.TakeAsync();
        Assert.Equal(0, await ThinAsync());
        await influx.Queue.ForwardedAsync(
            (await influx.TakeAsync())!, [], TestContext.Current.CancellationToken);
        // The history comes in key order: what it has passed may go.
        Assert.Equal(0, await ThinAsync());
        await influx.StepAsync(2);
        Assert.Equal(1, await ThinAsync());
        await influx.DrainAsync();
        Assert.Equal(2, await ThinAsync());

        async Task<long> ThinAsync()
        {
            long? waiting;
            using (var reader = store.File.OpenReader())
                waiting = ForwardTarget.Waiting(reader);
            var run = await store.RunAsync(session => Retention.Begin(session, options, now, waiting));
            var removed = await run.SliceAsync(store.Writer, 100);
            await store.RunAsync(session =>
            {
                run.Finish(session, now);
                return true;
            });
            return removed;
        }
    }
}
