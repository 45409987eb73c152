using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Hosting;

/// <summary>When the old goes, and what a full disk does to the doors.</summary>
public sealed class RetentionLoopTests
{
    static readonly DateTimeOffset _now = (Some.Start + Duration.FromDays(100)).ToDateTimeOffset();

    [Theory]
    [InlineData(null, "2026-06-10T02:00", true)]
    [InlineData("2026-06-09T03:00", "2026-06-10T02:59", false)]
    [InlineData("2026-06-09T03:00", "2026-06-10T03:00", true)]
    [InlineData("2026-06-09T12:00", "2026-06-10T03:00", true)]
    [InlineData("2026-06-01T03:00", "2026-06-10T01:00", true)]
    [InlineData("2026-06-10T03:01", "2026-06-10T23:59", false)]
    public void S28_It_is_due_at_three_in_the_night_and_whenever_that_was_missed(
        string? ran, string now, bool due)
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), "here", "here");
        DateTimeOffset At(string local) => new(DateTime.Parse(local), TimeSpan.FromHours(2));

        Assert.Equal(due, RetentionLoop.IsDue(
            ran is null ? null : Instant.FromDateTimeOffset(At(ran)), At(now), zone));
    }

    [Fact(Timeout = 60_000)]
    public async Task S28_What_is_overdue_goes_soon_after_the_start_and_the_run_is_remembered()
    {
        using var rig = new Rig();
        await rig.Store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(1, 60));
        await rig.RanAsync(daysAgo: 2);

        await rig.RunUntilAsync(
            "SELECT count(*) FROM store_size", "1", TestContext.Current.CancellationToken);

        Assert.Equal("0", rig.Store.Row("SELECT count(*) FROM sample"));
        Assert.InRange(rig.Time.GetUtcNow(), _now, _now.AddDays(1));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(60)]
    [InlineData(null)]
    public async Task S28_A_clock_that_is_far_ahead_removes_nothing_before_it_has_gone_on_for_a_day(int? ago)
    {
        using var rig = new Rig();
        await rig.Store.AppendAsync(Some.Bpm(0, 60), Some.Message("{"));
        await rig.Store.RunAsync(session => session.Execute("UPDATE dead_letter SET kept=received"));
        await rig.RanAsync(ago);

        await rig.RunUntilAsync("SELECT (SELECT count(*) FROM sample)+(SELECT count(*) FROM dead_letter)",
            "0", TestContext.Current.CancellationToken, TimeSpan.FromMinutes(10));

        Assert.True(rig.Time.GetUtcNow() >= _now.AddDays(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task D7_Drop_oldest_gives_up_samples_until_there_is_room_and_leaves_a_gap()
    {
        using var rig = new Rig();
        await rig.Store.AppendAsync(Some.Bpm(0, 60), Some.Bpm(86_400, 60), Some.Bpm(70 * 86_400, 60));
        await rig.Store.RunAsync(session => session.Execute("DELETE FROM dirty"));
        rig.Settings.Store.WhenFull = "drop_oldest";
        rig.Settings.Store.RawDays = 3_650;
        (rig.Held, rig.Free) = (95, 5);
        rig.Disk.Look();

        await rig.RunUntilAsync(
            "SELECT coalesce(sum(lost), 0) FROM gap", "2", TestContext.Current.CancellationToken);

        Assert.Equal("1", rig.Store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("2", rig.Store.Row("SELECT value FROM counter WHERE name='RowsDropped'"));
        // Two days that touch are one stretch.
        Assert.Equal($"disk_full|{Some.Ms(0)}|{Some.Ms(2 * 86_400)}|2", rig.Store.Row(
            "SELECT cause, start, end, lost FROM gap"));
    }

    [Fact]
    public async Task D7_What_is_given_up_is_a_gap_before_the_first_row_goes()
    {
        using var rig = new Rig();
        await rig.Store.AppendAsync(Some.Bpm(0, 60));
        await rig.Store.RunAsync(session => session.Execute("DELETE FROM dirty"));

        await rig.Store.RunAsync(session =>
            Retention.BeginDrop(session, Instant.FromDateTimeOffset(_now)) is not null);

        Assert.Equal($"disk_full|{Some.Ms(0)}|{Some.Ms(86_400)}|1",
            rig.Store.Row("SELECT cause, start, end, (SELECT count(*) FROM sample) FROM gap"));
    }

    [Fact(Timeout = 60_000)]
    public async Task D7_What_waited_longest_for_InfluxDB_is_given_up_only_when_that_was_asked_for()
    {
        var stop = TestContext.Current.CancellationToken;
        using var rig = new Rig();
        rig.Store.Options.ForwardTarget = rig.Settings.Store.ForwardTarget = "one";
        await rig.Store.AppendAsync(Some.Bpm(0, 60));
        await rig.Store.AppendAsync(Some.Bpm(1, 61));
        await rig.Store.RunAsync(session => session.Execute("UPDATE forward SET at=5 WHERE id=1"));
        await rig.RanAsync(daysAgo: 0);
        rig.Waits = new ForwardBacklog(0, TimeSpan.FromDays(7));
        Assert.Equal(DiskState.Full, rig.Disk.Look());
        rig.Settings.Store.WhenFull = "drop_oldest";

        await rig.RunUntilAsync("SELECT count(*) FROM forward", "0", stop);

        Assert.Equal("not_forwarded|5|2|2", rig.Store.Row("""
            SELECT cause, start, lost, (SELECT value FROM counter WHERE name='PointsDropped') FROM gap
            """));
        Assert.Equal("2", rig.Store.Row("SELECT count(*) FROM sample"));
        ModelInflux.AssertAddsUp(rig.Store);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_waits_for_nobody_any_more_is_removed()
    {
        var stop = TestContext.Current.CancellationToken;
        using var rig = new Rig();
        rig.Store.Options.ForwardTarget = "one";
        await rig.Store.AppendAsync(Some.Bpm(0, 60));
        rig.Store.Close();
        rig.Store.Options.ForwardTarget = null;
        await rig.RanAsync(daysAgo: 0);

        await rig.RunUntilAsync("SELECT count(*) FROM forward", "0", stop);

        Assert.Empty(rig.Store.Rows("SELECT * FROM gap"));
    }

    [Fact(Timeout = 60_000)]
    public async Task D7_Near_the_end_of_the_disk_the_doors_shut_and_they_open_by_themselves()
    {
        var stop = TestContext.Current.CancellationToken;
        using var rig = new Rig();
        var heartbeats = new Heartbeats(rig.Time);
        var health = new Health(heartbeats);
        using var loop = new HealthLoop(health, rig.Store.Writer, new IntakeState(), rig.Settings,
            new AccessState(), heartbeats, new Watchdog(health), rig.Queue, rig.Disk, new InfluxState(),
            new ClockState(rig.Time, new ArrivalClock(rig.Time)), rig.Time, NullLogger<HealthLoop>.Instance);
        (rig.Held, rig.Free) = (95, 5);

        await loop.StartAsync(stop);
        await rig.UntilAsync(() => rig.Queue.IsShut, stop);
        Assert.False(health.IsReady);
        (rig.Held, rig.Free) = (50, 50);
        await rig.UntilAsync(() => !rig.Queue.IsShut && health.IsReady, stop);
        rig.Waits = new ForwardBacklog(0, TimeSpan.FromDays(6.7));
        await rig.UntilAsync(() => rig.Queue.IsShut, stop);
        Assert.True(rig.Disk.IsOfWaiting);
        rig.Waits = default(ForwardBacklog);
        await rig.UntilAsync(() => !rig.Queue.IsShut && health.IsReady, stop);

        await loop.StopAsync(stop);
    }

    sealed class Rig : IDisposable
    {
        public Rig()
        {
            Settings.Store.Directory = Store.Options.Directory;
            Settings.Store.DiskPercent = 100;
            Settings.Store.MinimumFreeMebibytes = 0;
            Disk = new DiskGauge(Settings.Store, () => new DiskSpace(Held, Free), () => Waits);
            Queue = new DeliveryQueue(Options.Create(new IntakeOptions()), new ArrivalClock(Time));
        }

        public TempStore Store { get; } = new();

        public Settings Settings { get; } = new();

        public FakeTimeProvider Time { get; } = new(_now);

        public DiskGauge Disk { get; }

        public DeliveryQueue Queue { get; }

        public ForwardBacklog? Waits { get; set; }

        public long Held { get; set; }

        public long Free { get; set; } = 100;

        /// <summary>Nothing waits for its fold, and the old was last removed then.</summary>
        public Task<int> RanAsync(int? daysAgo) => Store.RunAsync(session => session.Execute($"""
            DELETE FROM dirty;
            INSERT INTO retention(id, ran, thinned_until, raw_from, minute_from)
                VALUES(1, $r, {long.MinValue}, {long.MinValue}, {long.MinValue})
            """, ("$r", daysAgo is { } days ? _now.AddDays(-days).ToUnixTimeMilliseconds() : null)));

        public async Task RunUntilAsync(
            string sql, string value, CancellationToken stop, TimeSpan? step = null)
        {
            using var loop = new RetentionLoop(Store.Writer, Settings, new ArrivalClock(Time), Disk,
                new Heartbeats(Time), Time, NullLogger<RetentionLoop>.Instance);
            await loop.StartAsync(stop);
            await UntilAsync(() => Store.Row(sql) == value, stop, step);
            await loop.StopAsync(stop);
        }

        /// <summary>Lets time pass until it is so; the limit of the test ends what never comes.</summary>
        public async Task UntilAsync(Func<bool> condition, CancellationToken stop, TimeSpan? step = null)
        {
            while (!condition())
            {
                Time.Advance(step ?? TimeSpan.FromSeconds(10));
                await Task.Delay(1, stop);
            }
        }

        public void Dispose() => Store.Dispose();
    }
}
