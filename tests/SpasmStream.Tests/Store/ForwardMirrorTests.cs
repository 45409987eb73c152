using System.Globalization;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Forecasts, windows, alerts and episodes for whoever draws them.</summary>
public sealed class ForwardMirrorTests
{
    const string Diary = "spasmstream/v1/in/ada/diary/episode";

    [Fact]
    public async Task D12_What_an_assessment_wrote_is_mirrored_by_the_commit_that_wrote_it()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await influx.DrainAsync();
        await AssessingTests.SaveAsync(store, AssessingTests.Raised(Some.Start), replayed: true);

        Assert.Equal(["1|1", "2|1", "4|1"], store.Rows("SELECT kind, points FROM forward ORDER BY id"));
        await influx.DrainAsync();

        Assert.Equal(
        [
            $"Forecast migraine {Some.Ms(0)}: alerted=0 at_risk=1 base_rate=0.1 coverage=1 probability=0.4 "
                + "relative_risk=4 band=high gate=early kind=evening model=m origin=replayed",
            $"RiskWindow migraine {Some.Ms(0)}: open=1 peak=0.4 peak_relative_risk=4 updated={Some.Ms(0)} "
                + "band=high",
            $"Alert migraine {Some.Ms(0)}: base_rate=0.1 experimental=1 probability=0.4 "
                + $"window_end={Some.Ms(86_400)} window_start={Some.Ms(0)}",
        ], Rows(influx));
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task What_was_here_before_is_mirrored_as_if_it_were_written_now()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var live = new ModelInflux(store);
        await live.DrainAsync();
        for (var day = 0; day < 5; day++)
            await AssessingTests.SaveAsync(
                store, AssessingTests.Raised(Some.Start + Duration.FromDays(day)), replayed: true);
        await store.AppendAsync(Episode("a", 0, 10, 3), Episode("a", 1, 700, 4), Episode("b", 0, 20, 5));
        await live.DrainAsync(2);
        live.Restart();
        using var later = new ModelInflux(store);
        store.Options.ForwardTarget = "other";
        await later.DrainAsync(2);

        Assert.Equal(18, live.Mirrored.Count);
        Assert.Equal(Rows(live).Order(), Rows(later).Order());
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task B37_An_episode_that_was_moved_or_taken_back_says_so_where_it_was()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        await store.AppendAsync(Episode("a", 0, 10, 3), Episode("b", 0, 700, 8),
            Some.Message("""{"v":1,"id":"n","day":"2026-03-08","none":true}""", topic: Diary));
        await influx.DrainAsync();
        Assert.Equal([$"Episode spasm {Some.Ms(10)}: severity=3 uncertainty_ms=0 withdrawn=0 onset=exact",
            $"Episode spasm {Some.Ms(700)}: severity=8 uncertainty_ms=0 withdrawn=0 onset=exact"],
            Rows(influx));

        // To where another one stands, and away again.
        await store.AppendAsync(Episode("a", 1, 700, 4));
        await influx.DrainAsync();
        Assert.Equal($"Episode spasm {Some.Ms(10)}: withdrawn=1", Rows(influx)[0]);
        await store.AppendAsync(Some.Message("""{"v":1,"id":"a","rev":2,"op":"delete"}""", topic: Diary));
        await influx.DrainAsync();
        Assert.Equal([$"Episode spasm {Some.Ms(10)}: withdrawn=1",
            $"Episode spasm {Some.Ms(700)}: severity=8 uncertainty_ms=0 withdrawn=0 onset=exact"],
            Rows(influx));
        await store.AppendAsync(Some.Message("""{"v":1,"id":"b","rev":2,"op":"delete"}""", topic: Diary));
        await influx.DrainAsync();
        Assert.Equal([$"Episode spasm {Some.Ms(10)}: withdrawn=1",
            $"Episode spasm {Some.Ms(700)}: withdrawn=1"], Rows(influx));
        ModelInflux.AssertAddsUp(store);
    }

    [Fact]
    public async Task S24_No_word_of_the_diary_is_mirrored()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        const string canary = "lavender";
        await store.AppendAsync(Some.Message($$"""
            {"v":1,"id":"{{canary}}","t":{{Some.Ms(1)}},"type":"migraine","sev":4,"note":"{{canary}}",
            "side":"{{canary}}","symptoms":["{{canary}}"],"context":["{{canary}}"]}
            """, topic: Diary));

        var batch = (await influx.TakeAsync())!;

        Assert.DoesNotContain(canary, string.Join(' ', Rows(influx)), StringComparison.Ordinal);
        Assert.Equal(store.Row("SELECT pseudonym FROM wearer"), Assert.Single(batch.Mirrored).Wearer);
    }

    static Delivery Episode(string id, int rev, int second, int severity) => Some.Message(
        $$"""{"v":1,"id":"{{id}}","rev":{{rev}},"t":{{Some.Ms(second)}},"type":"spasm","sev":{{severity}}}""",
        topic: Diary);

    static IReadOnlyList<string> Rows(ModelInflux influx) =>
        [.. influx.Mirrored.Values.OrderBy(row => (row.Kind, row.At)).Select(row =>
            $"{row.Kind} {row.Key} {row.At}: " + string.Join(' ', row.Numbers.OrderBy(one => one.Field)
                .Select(one => $"{one.Field}={one.Value.ToString(CultureInfo.InvariantCulture)}")
                .Concat(row.Texts.OrderBy(one => one.Field).Select(one => $"{one.Field}={one.Value}"))))];
}
