using SpasmStream.Core.Signals;
using SpasmStream.Tests.Assess;
using SpasmStream.Tests.Commands;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>What InfluxDB refuses stays here, is a dead letter, and can be sent once more.</summary>
public sealed class ForwardLetterTests
{
    [Fact]
    public async Task F24_A_refused_point_is_a_dead_letter_in_the_commit_that_forwards_the_others()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(1, 61.5), Some.Bpm(2, 62));
        var batch = (await influx.TakeAsync())!;

        await influx.Queue.ForwardedAsync(batch,
            [new RefusedPoint(1, "field_type", "The field has another type there."),
                new RefusedPoint(1, "field_type", "Said twice.")], TestContext.Current.CancellationToken);

        Assert.Equal($"influx:field_type|{Some.HeartRate}|The field has another type there.|1",
            store.Row("SELECT reason, topic, detail, replayed FROM dead_letter"));
        Assert.Equal($$"""{"v":1,"t":{{Some.Ms(1)}},"bpm":61.5}""",
            store.Row("SELECT CAST(payload AS TEXT) FROM dead_payload"));
        Assert.Equal("3|0", store.Row("SELECT count(*), (SELECT count(*) FROM forward) FROM sample"));
        Assert.Equal("2|1", store.Row("""
            SELECT (SELECT value FROM counter WHERE name='PointsForwarded'),
                (SELECT value FROM counter WHERE name='PointsRefused')
            """));
        ModelInflux.AssertAddsUp(store);
        Assert.Equal("1", store.Row("SELECT value FROM counter WHERE name='DeadLetters'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task D8_Requeued_it_is_what_stands_by_then_and_what_was_taken_back_stays_so(bool gone)
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await store.RunAsync(session => Appending.Run(session, [Said.Fact("a", 0,
            Some.Start + Duration.FromHours(1), Said.Sample(Signal.HeartRate, Some.Start, 60))]));
        await influx.StepAsync(refused: [new RefusedPoint(0, "influx:field_type", "No.")]);
        await influx.DrainAsync();
        await store.RunAsync(session => Appending.Run(session,
            [gone ? Said.FactBack("a", 0, Some.Start + Duration.FromHours(2))
                : Said.Fact("a", 1, Some.Start + Duration.FromHours(2),
                    Said.Sample(Signal.HeartRate, Some.Start, 64))]));
        await influx.DrainAsync();
        var standing = ModelInflux.Standing(store);
        var taken = influx.Taken;
        influx.Restart();

        await RequeueAsync(store);
        await influx.DrainAsync();

        Assert.Equal("0", store.Row("SELECT count(*) FROM dead_letter"));
        Assert.Equal(standing, ModelInflux.Standing(store));
        Assert.Equal(standing, influx.Held);
        Assert.Equal(taken + 1, influx.Taken);
        ModelInflux.AssertAddsUp(store);
        Assert.Equal("1", store.Row("SELECT value FROM counter WHERE name='DeadLettersRequeued'"));
    }

    [Fact]
    public async Task D8_Of_what_is_mirrored_a_letter_comes_back_too()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await influx.DrainAsync();
        await AssessingTests.SaveAsync(store, AssessingTests.Raised(Some.Start), replayed: true);
        await influx.StepAsync(5_000, new RefusedPoint(1, "field_type", ""), new RefusedPoint(2, "x", ""));
        Assert.Equal(["spasmstream/v1/out/ada/riskwindow", "spasmstream/v1/out/ada/alert"],
            store.Rows("SELECT topic FROM dead_letter ORDER BY id"));
        influx.Restart();

        await RequeueAsync(store);

        Assert.Equal(["2", "4"], store.Rows("SELECT kind FROM forward ORDER BY id"));
        Assert.Equal("0", store.Row("SELECT count(*) FROM dead_letter"));
        ModelInflux.AssertAddsUp(store);
    }

    static async Task RequeueAsync(TempStore store)
    {
        store.Close();
        var settings = FullStore.SettingsOf(store);
        using var stopped = StoppedStore.Open(settings, mustExist: true);
        using var reader = stopped.File.OpenReader();
        var letters = DeadLetterRow.Messages(reader, new DeadLetterFilter { Reason = "influx" });
        Assert.NotEmpty(letters);
        await new Requeue(stopped, reader, settings)
            .RunAsync(letters, _ => { }, TestContext.Current.CancellationToken);
    }
}
