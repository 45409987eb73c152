using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>What comes for an hour whose samples are gone.</summary>
public sealed class ThinnedHoursTests
{
    static readonly StoreOptions _options = new();

    // Some.Start is 21:00 on 8 March.
    static readonly Instant _now = Some.Start + Duration.FromDays(100);

    [Fact]
    public async Task B34_A_sample_for_a_thinned_hour_is_refused_and_its_minutes_stay()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(60, 61));
        await store.FoldAsync(_now);
        await store.Writer.ThinAsync(_now, _options);
        var before = store.Rows("SELECT hex(cells) FROM hour_summary");

        var late = await store.AppendAsync(Some.Bpm(120, 99),
            Some.Message($$"""{"v":1,"t0":{{Some.Ms(3540)}},"step":60000,"bpm":[70,71,72]}"""));
        await store.FoldAsync(_now);

        Assert.Equal("beyond_retention", late[0].Reason);
        Assert.Null(late[1].Reason);
        Assert.Equal(["beyond_retention|0", "beyond_retention|0"],
            store.Rows("SELECT reason, item FROM dead_letter ORDER BY id"));
        Assert.Equal(["71.0", "72.0"], store.Rows("SELECT value FROM sample ORDER BY t"));
        Assert.Equal([.. before, .. store.Rows("SELECT hex(cells) FROM hour_summary WHERE hour>"
            + Some.Ms(0) / 3_600_000)], store.Rows("SELECT hex(cells) FROM hour_summary ORDER BY hour"));
        Assert.Equal("0", store.Row("""
            SELECT sum(CASE name WHEN 'SamplesDecoded' THEN -value ELSE value END) FROM counter
            WHERE name LIKE 'Samples%'
            """));
    }

    [Fact]
    public async Task B34_An_old_hour_that_never_was_here_is_kept_folded_and_thinned_in_its_turn()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(7200, 60));
        await store.FoldAsync(_now);
        await store.Writer.ThinAsync(_now, _options);

        var imported = await store.AppendAsync(Some.Bpm(0, 61));
        Assert.Equal(0, await store.Writer.ThinAsync(_now + Duration.FromDays(1), _options));
        await store.FoldAsync(_now);
        // The same file again, before its samples are gone: nothing new, nothing refused.
        var again = await store.AppendAsync(Some.Bpm(0, 61));

        Assert.Null(imported[0].Reason);
        Assert.Null(again[0].Reason);
        Assert.Equal("2", store.Row("SELECT count(*) FROM hour_summary"));
        await store.FoldAsync(_now);
        Assert.Equal(1, await store.Writer.ThinAsync(_now + Duration.FromDays(2), _options));
        Assert.Equal("beyond_retention", (await store.AppendAsync(Some.Bpm(0, 61)))[0].Reason);
    }

    [Fact]
    public async Task B34_What_the_fold_does_not_use_is_refused_only_where_the_minutes_are_gone_too()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        await store.FoldAsync(_now);
        await store.Writer.ThinAsync(_now, _options);
        Delivery Hrv(int second) => Some.Message(
            $$"""{"v":1,"t":{{Some.Ms(second)}},"dur":300000,"rmssd":40}""",
            topic: "spasmstream/v1/in/ada/watch/hrv");

        Assert.Equal("beyond_retention", (await store.AppendAsync(Some.Bpm(1, 60)))[0].Reason);
        Assert.Null((await store.AppendAsync(Hrv(0)))[0].Reason);
        Assert.Equal("40.0", store.Row("SELECT value FROM sample"));

        await store.Writer.ThinAsync(_now + Duration.FromDays(_options.MinuteDays), _options);
        Assert.Equal("beyond_retention", (await store.AppendAsync(Hrv(60)))[0].Reason);
    }

    [Fact]
    public async Task A_version_that_was_outranked_before_it_came_goes_in_its_turn_too()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(7200, 60));
        await store.FoldAsync(_now);
        await store.Writer.ThinAsync(_now, _options);

        await store.AppendAsync(Some.Message("""{"v":1,"op":"delete","id":"a","rev":3}"""),
            Some.Message($$"""{"v":1,"id":"a","t":{{Some.Ms(0)}},"bpm":60}"""));
        Assert.Equal("1", store.Row("SELECT count(*) FROM sample"));
        await store.FoldAsync(_now);

        await store.Writer.ThinAsync(_now + Duration.FromDays(1), _options);
        Assert.Equal("0", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task An_hour_that_is_thinned_never_waits_for_a_fold_again_whoever_touches_it()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        await store.FoldAsync(_now);
        await store.Writer.ThinAsync(_now, _options);

        await store.RunAsync(session =>
        {
            session.Touch(1, 1, Some.Sample(60, received: 0));
            session.Touch(1, 1, Some.Sample(60, received: 0, second: 3600));
            return 0;
        });

        Assert.Equal($"{Some.Ms(3600) / 3_600_000}", store.Row("SELECT hour FROM dirty"));
    }
}
