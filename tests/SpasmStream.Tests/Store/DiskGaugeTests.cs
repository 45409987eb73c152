using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class DiskGaugeTests
{
    const long Mebi = 1024 * 1024;

    [Fact]
    public void D7_It_warns_at_70_percent_is_full_at_95_and_leaves_both_well_below()
    {
        var held = 0L;
        // A thousand MiB in all, of which the store may take 800.
        var gauge = new DiskGauge(new StoreOptions(), () => new DiskSpace(held * Mebi, (1000 - held) * Mebi));
        DiskState At(long mebibytes)
        {
            held = mebibytes;
            return gauge.Look();
        }

        Assert.Equal(DiskState.Normal, At(559));
        Assert.Equal(DiskState.Warning, At(560));
        Assert.Equal(DiskState.Warning, At(525));
        Assert.Equal(DiskState.Normal, At(519));
        Assert.Equal(DiskState.Full, At(760));
        Assert.Equal(DiskState.Full, At(725));
        Assert.Equal(DiskState.Warning, At(719));
        Assert.Equal((760 - 719) * Mebi, gauge.Left);
    }

    [Fact]
    public void D7_What_others_fill_counts_only_when_less_is_free_than_must_stay_free()
    {
        var free = 3_000L;
        var gauge = new DiskGauge(new StoreOptions(), () => new DiskSpace(100 * Mebi, free * Mebi));

        Assert.Equal(DiskState.Normal, gauge.Look());
        free = 205;
        Assert.Equal(DiskState.Full, gauge.Look());
        free = 400;
        Assert.Equal(DiskState.Normal, gauge.Look());
    }

    [Fact]
    public void D7_What_waits_for_InfluxDB_has_limits_of_bytes_and_of_days_with_the_same_marks()
    {
        ForwardBacklog? waits = default(ForwardBacklog);
        var gauge = new DiskGauge(new StoreOptions(), () => new DiskSpace(10 * Mebi, 100_000 * Mebi),
            () => waits);
        DiskState At(long mebibytes, double days)
        {
            waits = new ForwardBacklog(mebibytes * Mebi, TimeSpan.FromDays(days));
            return gauge.Look();
        }

        Assert.Equal(DiskState.Normal, At(1_433, 4.8));
        Assert.Equal(DiskState.Warning, At(1_434, 0));
        Assert.Equal(DiskState.Normal, At(0, 0));
        Assert.Equal(DiskState.Warning, At(0, 4.91));
        Assert.Equal(DiskState.Full, At(1_946, 0));
        Assert.True(gauge.IsOfWaiting);
        // It is left only well below.
        Assert.Equal(DiskState.Full, At(0, 6.4));
        waits = null;
        Assert.Equal(DiskState.Full, gauge.Look());
        Assert.Equal(DiskState.Warning, At(0, 6.2));
        Assert.Equal(DiskState.Normal, At(0, 0));
    }

    [Fact]
    public async Task D7_What_waits_is_told_by_the_first_row_and_the_last()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        Assert.Equal(default(ForwardBacklog), ForwardBacklog.Measure(store.File, 0) ?? default);
        for (var i = 0; i < 5; i++)
            await store.AppendAsync([.. Enumerable.Range(i * 1_000, 1_000).Select(n => Some.Bpm(n, 60))]);
        await store.RunAsync(session => session.Execute("UPDATE forward SET at=id*1000"));
        var bytes = long.Parse(store.Row($"SELECT sum(length(packed)+{ForwardTable.RowBytes}) FROM forward"));

        Assert.Equal(new ForwardBacklog(bytes, TimeSpan.FromSeconds(9)),
            ForwardBacklog.Measure(store.File, 10_000));
        await store.RunAsync(session => session.Execute("DELETE FROM forward WHERE id<=2"));
        Assert.Equal(
            store.Row($"SELECT sum(length(packed)+{ForwardTable.RowBytes})||' 7' FROM forward"),
            ForwardBacklog.Measure(store.File, 10_000) is { } left ? $"{left.Bytes} {left.Age.Seconds}" : "");
        Assert.Null(ForwardBacklog.Measure(new StoreFile("no/such/folder"), 0));
    }

    [Fact]
    public void D7_A_disk_that_cannot_be_asked_changes_nothing()
    {
        DiskSpace? space = new DiskSpace(99, 1);
        var gauge = new DiskGauge(new StoreOptions { MinimumFreeMebibytes = 0 }, () => space);
        Assert.Equal(DiskState.Full, gauge.Look());
        space = null;

        Assert.Equal(DiskState.Full, gauge.Look());
    }

    [Fact]
    public async Task D7_Rows_that_went_leave_room_in_the_file()
    {
        using var store = new TempStore();
        await store.AppendAsync([.. Enumerable.Range(0, 20_000).Select(i => Some.Bpm(i, 60))]);
        var before = StoreUse.Measure(store.File)!.Value;

        await store.RunAsync(session => session.Execute("DELETE FROM sample"));

        var after = StoreUse.Measure(store.File)!.Value;
        var log = new FileInfo(store.File.Path + "-wal").Length;
        Assert.True(before.Held > 500_000);
        Assert.True(after.Held - log < before.Held / 4);
        Assert.Null(StoreUse.Measure(new StoreFile("no/such/folder")));
    }

    [Fact]
    public async Task The_growth_of_a_week_tells_how_many_days_are_left()
    {
        using var store = new TempStore();
        await store.RunAsync(session =>
        {
            StoreUse.Note(session, Some.Start - Duration.FromDays(1));
            return true;
        });
        Assert.Null(StoreUse.Growth(store.File, Some.Start));
        await store.RunAsync(session => session.Execute("DELETE FROM store_size"));
        var day = (long)(Some.Start - NodaConstants.UnixEpoch).TotalDays;
        await store.RunAsync(session => session.Execute($"""
            INSERT INTO store_size VALUES({day - 30}, 5, 5), ({day - 6}, 1000, 10), ({day}, 7000, 70)
            """));

        var growth = StoreUse.Growth(store.File, Some.Start)!;

        Assert.Equal(new StoreGrowth(1000, 10), growth);
        Assert.Equal(3, growth.DaysUntil(3500));
        Assert.Null(new StoreGrowth(-1, 0).DaysUntil(3500));
    }
}
