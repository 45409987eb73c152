using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class RetentionTests
{
    static readonly WearerId _ada = new("ada");
    static readonly StoreOptions _options = new();

    // Some.Start is 21:00 on 8 March.
    static readonly Instant _now = Some.Start + Duration.FromDays(100);

    [Fact]
    public async Task S28_Samples_go_at_their_age_and_everything_made_of_them_stays()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(0, 61, rev: 1), Some.Bpm(3599, 62),
            Some.Bpm(11 * 86_400, 63));
        await store.RunAsync(session => session.Samples.Put(
            session.Names.Series(1, new Series("watch", Signal.HrvRmssd, Stat.Raw, "")),
            Some.Sample(40, received: 0)));
        await store.FoldAsync(_now);
        Assert.Equal("1", store.Row("SELECT count(*) FROM sample_superseded"));

        // Two samples, the value that lost; the variability of heart rate is a summary already.
        Assert.Equal(3, await store.Writer.ThinAsync(_now, _options));

        Assert.Equal(["6|40.0", "1|63.0"], store.Rows(
            "SELECT signal, value FROM sample JOIN series ON id=series ORDER BY t"));
        Assert.Equal("0", store.Row("SELECT count(*) FROM sample_superseded"));
        Assert.Equal("2", store.Row("SELECT count(*) FROM hour_summary"));
        Assert.Equal("3", store.Row("SELECT value FROM counter WHERE name='RowsThinned'"));
        Assert.Equal(0, await store.Writer.ThinAsync(_now, _options));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5_000)]
    public async Task S28_Slices_of_any_size_remove_the_same_rows(int rows)
    {
        using var store = new TempStore();
        await store.AppendAsync([.. Enumerable.Range(0, 500).Select(i => Some.Bpm(i * 61, 60 + i % 30))]);
        await store.FoldAsync(_now);

        // The cutoff is 02:00: five hours of a sample every 61 seconds.
        var removed = await store.Writer.ThinAsync(
            Some.Start + Duration.FromDays(90) + Duration.FromHours(5.5), _options, rows);

        Assert.Equal(296, removed);
        Assert.Equal($"{Some.Ms(296 * 61)}|204", store.Row("SELECT min(t), count(*) FROM sample"));
        Assert.Equal("5", store.Row("SELECT count(*) FROM thinned"));
    }

    [Fact]
    public async Task A_sample_whose_hour_waits_for_its_fold_stays_until_it_was_folded()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(7200, 61));
        await store.RunAsync(session => session.Execute("DELETE FROM dirty WHERE hour*3600000 > $t",
            ("$t", Some.Ms(0))));

        Assert.Equal(1, await store.Writer.ThinAsync(_now, _options));
        Assert.Equal("60.0", store.Row("SELECT value FROM sample"));

        await store.FoldAsync(_now);
        Assert.Equal(1, await store.Writer.ThinAsync(_now + Duration.FromDays(1), _options));
        Assert.Equal("0", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task A_sample_that_comes_while_a_slice_waits_for_its_commit_keeps_its_hour_whole()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        await store.FoldAsync(_now);

        await store.RunAsync(session =>
        {
            // One transaction: the hour is touched, and what says so is not written yet.
            Appending.Run(session, [new Arrival(Some.Bpm(60, 61), Read(Some.Bpm(60, 61)))]);
            var run = Retention.Begin(session, _options, _now);
            return run.Slice(session, Retention.Start, 5_000).Removed;
        });

        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("1", store.Row("SELECT count(*) FROM dirty"));
    }

    [Fact]
    public async Task Minutes_become_one_row_an_hour_at_their_age()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(60, 64), Some.Bpm(120, 80), Some.Bpm(86_400, 70));
        await store.AppendAsync(Some.Message($$"""{"v":1,"t":{{Some.Ms(0)}},"dur":120000,"steps":90}""",
            topic: "spasmstream/v1/in/ada/watch/steps"));
        await store.FoldAsync(_now, known: 1);
        await store.FoldAsync(_now, known: 2);
        var age = Duration.FromDays(_options.MinuteDays);

        await store.Writer.ThinAsync(Some.Start + age + Duration.FromHours(1), _options, rows: 40);

        Assert.Equal("2|3|64.0|60.0|80.0|2|90.0", store.Row("""
            SELECT known_at, heart_rate_minutes, heart_rate_median, heart_rate_min, heart_rate_max,
                step_minutes, steps FROM hour_digest
            """));
        Assert.Equal($"{Some.Ms(86_400) / 3_600_000}|1", store.Row(
            "SELECT min(hour), count(*) FROM hour_summary"));
        Assert.Equal("beyond_retention", (await store.AppendAsync(Some.Bpm(0, 61)))[0].Reason);
        using var history = new SqliteHistory(store.File, store.Writer);
        Assert.True(history.IsDigested(_ada, Some.Start, Some.Start + Duration.FromHours(1)));
        Assert.False(history.IsDigested(_ada, Some.Start + Duration.FromHours(1), _now));
    }

    [Fact]
    public async Task A_run_that_was_cut_off_is_made_up_for_by_the_next()
    {
        using var store = new TempStore();
        await store.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Some.Bpm(i, 60))]);
        await store.FoldAsync(_now);
        var run = await store.RunAsync(session => Retention.Begin(session, _options, _now));
        Assert.Equal(40, await run.SliceAsync(store.Writer, rows: 10, slices: 4));

        Assert.Equal(60, await store.Writer.ThinAsync(_now + Duration.FromDays(1), _options));
    }

    [Fact]
    public async Task What_reaches_over_the_limit_stays_for_the_hour_after_it()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Message(
            $$"""{"v":1,"t":{{Some.Ms(3000)}},"dur":1200000,"steps":90}""",
            topic: "spasmstream/v1/in/ada/watch/steps"));
        await store.FoldAsync(_now);
        var age = Duration.FromDays(_options.RawDays);

        Assert.Equal(0, await store.Writer.ThinAsync(Some.Start + age + Duration.FromHours(1), _options));
        Assert.Equal(1, await store.Writer.ThinAsync(Some.Start + age + Duration.FromHours(2), _options));
        Assert.Equal("2", store.Row("SELECT count(*) FROM thinned"));
    }

    [Fact]
    public async Task What_was_sent_goes_after_ninety_days_and_what_waits_stays()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        var done = Some.Ms(0);
        await store.RunAsync(session => session.Execute($"""
            INSERT INTO outbox VALUES
                ('a', 'mqtt', 1, {done}, '', 'delivered', 1, {done}, {done}, {done}, NULL),
                ('b', 'mqtt', 1, {done}, '', 'pending', 1, {done}, {done}, NULL, NULL),
                ('c', 'mqtt', 1, {done}, '', 'late', 1, {done}, {done}, NULL, NULL),
                ('d', 'mqtt', 1, {done}, '', 'delivered', 1, {done}, {done}, {done + 20L * 86_400_000}, NULL);
            """));

        Assert.Equal(2, await store.Writer.ThinAsync(_now, _options, rows: 1));

        Assert.Equal(["b", "d"], store.Rows("SELECT key FROM outbox ORDER BY key"));
    }

    [Fact]
    public async Task A_reading_of_a_running_count_stays_as_long_as_an_hour_beside_it_needs_it()
    {
        using var store = new TempStore();
        await store.AppendAsync(Count(0, 100), Count(1800, 200), Count(3000, 300), Count(4200, 400));
        await store.FoldAsync(_now);
        var age = Duration.FromDays(_options.RawDays);

        // The hour of 22:00 is kept: its first stretch begins at 21:50, its hours reach to 21:00.
        Assert.Equal(1, await store.Writer.ThinAsync(Some.Start + age + Duration.FromHours(1), _options));
        Assert.Equal(["200.0", "300.0", "400.0"], store.Rows("SELECT value FROM sample ORDER BY t"));

        // The hour after the last waits for its fold; then it does not.
        await store.RunAsync(session => session.Execute(
            "INSERT INTO dirty VALUES(1, $h, 0, 0, 1)", ("$h", Some.Ms(7200) / 3_600_000)));
        var later = Some.Start + age + Duration.FromHours(4);
        Assert.Equal(2, await store.Writer.ThinAsync(later, _options));
        Assert.Equal("400.0", store.Row("SELECT value FROM sample"));
        await store.RunAsync(session => session.Execute("DELETE FROM dirty"));
        Assert.Equal(1, await store.Writer.ThinAsync(later, _options));
        // Every hour that lost a reading it would be folded from.
        Assert.Equal("20|23|4", store.Row("""
            SELECT min(hour)%24, max(hour)%24, count(*) FROM thinned
            """));
    }

    [Fact]
    public async Task D7_A_full_disk_takes_the_oldest_day_first_and_nothing_that_may_still_be_corrected()
    {
        using var store = new TempStore();
        await store.AppendAsync([.. Enumerable.Range(0, 48).Select(i => Some.Bpm(i * 3600, 60))]);
        await store.FoldAsync(_now);
        var now = Some.Start + Duration.FromDays(36);
        Task<(Retention Run, Interval Stretch)?> BeginAsync() =>
            store.RunAsync(session => Retention.BeginDrop(session, now));

        var (run, stretch) = (await BeginAsync())!.Value;
        Assert.Equal(24, await run.SliceAsync(store.Writer, rows: 5));

        Assert.Equal(new Interval(Some.Start, Some.Start + Duration.FromDays(1)), stretch);
        Assert.Equal("24", store.Row("SELECT value FROM counter WHERE name='RowsDropped'"));
        Assert.Equal("48", store.Row("SELECT count(*) FROM hour_summary"));
        Assert.Null(await BeginAsync());
    }

    static Delivery Count(int second, int count) => Some.Message(
        $$"""{"v":1,"t":{{Some.Ms(second)}},"total":{{count}}}""",
        topic: "spasmstream/v1/in/ada/watch/steps");

    static Decoded Read(Delivery delivery) => new Worker.Decoding.WireDecoder().Decode(
        delivery.Topic, delivery.Payload, delivery.Received, Worker.Decoding.DecodeLimits.AnyTime);
}
