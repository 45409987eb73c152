using SpasmStream.Core.Signals;
using SpasmStream.Tests.Assess;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>
/// What is committed comes to the other side, in an order that leaves there what stands here.
/// </summary>
public sealed class ForwardQueueTests
{
    const string Target = "http://influx:8086/spasmstream";

    static readonly Instant _at = Some.Start;

    [Fact]
    public async Task D5_Whatever_the_order_the_last_value_of_each_identity_is_the_one_that_stands()
    {
        var random = new Random(20261122);
        var messages = Messages(random);
        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(messages);
            using var store = Store();
            using var influx = new ModelInflux(store);
            foreach (var chunk in messages.Chunk(1 + random.Next(round % 2 == 0 ? 3 : 90)))
            {
                await store.RunAsync(session => Appending.Run(session, chunk));
                if (random.Next(3) == 0)
                    await influx.StepAsync(1 + random.Next(60));
            }

            await influx.DrainAsync(1 + random.Next(200));

            var standing = ModelInflux.Standing(store);
            Assert.True(standing.Count(row => row.EndsWith("True", StringComparison.Ordinal)) > 3
                && standing.Count > 40, "Too little was taken back to show anything.");
            Assert.Equal(standing, influx.Held);
            Assert.Equal("0", store.Row("SELECT count(*) FROM forward"));
            ModelInflux.AssertAddsUp(store);
        }
    }

    [Fact]
    public async Task I1_A_commit_makes_one_row_and_what_was_here_before_makes_none()
    {
        using var store = Store();
        Delivery[] batch = [.. Enumerable.Range(0, 300).Select(i => Some.Bpm(i, 60 + i % 40))];
        await store.AppendAsync(batch);
        await store.AppendAsync(batch);
        await store.AppendAsync(Some.Bpm(5, 90, rev: 0, received: _at));

        Assert.Equal("1|300", store.Row("SELECT count(*), sum(points) FROM forward"));
        Assert.Equal("300", store.Row("SELECT value FROM counter WHERE name='PointsJournalled'"));
    }

    [Fact]
    public async Task A_large_commit_makes_rows_of_5000_and_a_batch_is_about_as_large_as_asked()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        await influx.DrainAsync();
        await store.AppendAsync([.. Enumerable.Range(0, 12_000).Select(i => Some.Bpm(i, 60))]);

        Assert.Equal(["5000", "5000", "2000"], store.Rows("SELECT points FROM forward ORDER BY id"));
        Assert.Equal(5_000, (await influx.TakeAsync(5_000))!.Points);
        influx.Restart();
        Assert.Equal(10_000, (await influx.TakeAsync(11_999))!.Points);
        influx.Restart();
        Assert.Equal(12_000, (await influx.TakeAsync(12_000))!.Points);
    }

    [Fact]
    public async Task I12_Asked_again_it_gives_the_same_and_a_restart_before_it_is_noted_loses_nothing()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(1, 61));

        var batch = await influx.TakeAsync();
        await store.AppendAsync(Some.Bpm(0, 70, rev: 1));
        Assert.Same(batch, await influx.TakeAsync());
        influx.Restart();
        await influx.DrainAsync(1);

        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        ModelInflux.AssertAddsUp(store);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            influx.Queue.ForwardedAsync(batch!, [], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task D5_What_follows_is_taken_while_the_mark_waits_its_turn()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        using var held = new ManualResetEventSlim();
        var first = await FirstOfTwoAsync(store, influx);
        var holding = store.RunAsync(_ => held.Wait(TimeSpan.FromMinutes(1)));

        var marking = influx.Queue.ForwardedAsync(first, [], TestContext.Current.CancellationToken);
        var second = (await influx.TakeAsync(1))!;

        Assert.False(marking.IsCompleted);
        Assert.Equal(61, Assert.Single(second.Samples).Value);
        held.Set();
        Assert.True(await holding);
        await marking;
        Assert.Equal("1", store.Row("SELECT count(*) FROM forward"));
        await influx.Queue.ForwardedAsync(second, [], TestContext.Current.CancellationToken);
        Assert.Null(await influx.TakeAsync());
        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task D5_What_comes_after_a_restart_follows_what_was_left_though_that_is_marked_first()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        await influx.DrainAsync();
        for (var i = 0; i < 3; i++)
            await store.AppendAsync(Some.Bpm(i, 60 + i));
        influx.Restart();
        Assert.True(await influx.StepAsync());
        await store.AppendAsync(Some.Bpm(10, 70));
        await influx.DrainAsync();
        await store.AppendAsync(Some.Bpm(11, 71));
        await influx.DrainAsync();

        Assert.Equal(5, influx.Held.Count());
        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task D5_What_was_refused_is_written_down_before_its_batch_is_used_again()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        using var held = new ManualResetEventSlim();
        var first = await FirstOfTwoAsync(store, influx);
        var holding = store.RunAsync(_ => held.Wait(TimeSpan.FromMinutes(1)));

        var marking = influx.Queue.ForwardedAsync(
            first, [new RefusedPoint(0, "malformed", "")], TestContext.Current.CancellationToken);
        var following = influx.TakeAsync(1);

        Assert.False(following.IsCompleted);
        held.Set();
        Assert.True(await holding);
        await marking;
        Assert.Equal(61, Assert.Single((await following)!.Samples).Value);
        Assert.Equal("1", store.Row("SELECT count(*) FROM dead_letter WHERE reason LIKE 'influx:%'"));
    }

    static async Task<ForwardBatch> FirstOfTwoAsync(TempStore store, ModelInflux influx)
    {
        await influx.DrainAsync();
        await store.AppendAsync(Some.Bpm(0, 60));
        await store.AppendAsync(Some.Bpm(1, 61));
        return (await influx.TakeAsync(1))!;
    }

    [Fact]
    public async Task A_commit_that_is_void_leaves_nothing_to_be_forwarded()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.RunAsync<int>(session =>
        {
            Appending.Run(session, [.. Enumerable.Range(10, 6_000).Select(i =>
                Said.Samples(_at, Said.Sample(Signal.HeartRate, _at + Duration.FromSeconds(i), 60)))]);
            throw new InvalidOperationException("Not this.");
        }));
        await store.AppendAsync(Some.Bpm(1, 61));
        await influx.DrainAsync();

        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        Assert.Equal(2, influx.Held.Count());
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task Without_a_target_nothing_is_journalled()
    {
        using var store = new TempStore();
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60));

        Assert.Null(await influx.TakeAsync());
        Assert.Equal("0", store.Row("SELECT count(*) FROM forward"));
    }

    [Fact]
    public async Task Rows_given_up_on_their_way_are_counted_once_and_no_later_row_goes_with_them()
    {
        using var store = Store();
        using var influx = new ModelInflux(store);
        await influx.DrainAsync();
        await store.AppendAsync(Some.Bpm(0, 60));
        var batch = await influx.TakeAsync();
        await ForwardDrop.All().SliceAsync(store.Writer, 10);
        // After a void commit it is asked where the rows end, and there are none.
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => store.RunAsync<int>(_ => throw new InvalidOperationException("Not this.")));
        await store.AppendAsync(Some.Bpm(1, 61));

        await influx.Queue.ForwardedAsync(batch!, [], TestContext.Current.CancellationToken);

        Assert.Equal("1", store.Row("SELECT sum(points) FROM forward"));
        ModelInflux.AssertAddsUp(store);
        await influx.DrainAsync();
        Assert.Equal(2, influx.Held.Count());
    }

    static TempStore Store() => new(new StoreOptions { ForwardTarget = Target });

    /// <summary>Plain values and objects with ids that meet at few places, and withdrawals of both.</summary>
    static Arrival[] Messages(Random random)
    {
        var messages = new List<Arrival>();
        for (var i = 0; i < 250; i++)
        {
            var received = _at + Duration.FromHours(2) + Duration.FromMilliseconds(random.Next(60));
            var sample = Said.Sample(Signal.HeartRate, _at + Duration.FromSeconds(random.Next(50)),
                60 + random.Next(5), random.Next(2) == 0 ? "watch" : "band");
            messages.Add(random.Next(5) switch
            {
                0 or 1 => Said.Samples(received, sample with { Quality = random.Next(3) / 2.0 }),
                2 or 3 => Said.Fact($"f{random.Next(30)}", random.Next(3), received, sample,
                    sample with { Start = sample.Start + Duration.FromSeconds(1) }),
                _ => Said.FactBack($"f{random.Next(30)}", random.Next(3), received),
            });
        }

        return [.. messages];
    }
}
