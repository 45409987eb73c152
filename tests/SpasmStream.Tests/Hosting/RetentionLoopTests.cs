using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Hosting;
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
        await rig.Store.RunAsync(session => session.Execute("DELETE FROM dirty"));

        await rig.RunUntilAsync("SELECT count(*) FROM retention WHERE ran IS NOT NULL", "1",
            TestContext.Current.CancellationToken);

        Assert.Equal("0", rig.Store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("1", rig.Store.Row("SELECT count(*) FROM store_size"));
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
            "SELECT count(*) FROM gap", "2", TestContext.Current.CancellationToken);

        Assert.Equal("1", rig.Store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("2", rig.Store.Row("SELECT value FROM counter WHERE name='RowsDropped'"));
        Assert.Equal($"disk_full|{Some.Ms(0)}|{Some.Ms(86_400)}|1", rig.Store.Row(
            "SELECT cause, start, end, lost FROM gap ORDER BY start LIMIT 1"));
    }

    [Fact(Timeout = 60_000)]
    public async Task D7_Near_the_end_of_the_disk_the_doors_shut_and_they_open_by_themselves()
    {
        var stop = TestContext.Current.CancellationToken;
        using var rig = new Rig();
        var health = new Health(rig.Time);
        var assess = new AssessState();
        using var loop = new HealthLoop(health, rig.Store.Writer, assess, new IntakeState(), rig.Settings,
            new AccessState(), new Heartbeats(rig.Time), rig.Queue, rig.Disk, rig.Time,
            NullLogger<HealthLoop>.Instance);
        (rig.Held, rig.Free) = (95, 5);

        await loop.StartAsync(stop);
        await rig.UntilAsync(() => rig.Queue.IsShut, stop);
        Assert.False(health.IsReady);
        (rig.Held, rig.Free) = (50, 50);
        await rig.UntilAsync(() => !rig.Queue.IsShut && health.IsReady, stop);

        await loop.StopAsync(stop);
    }

    sealed class Rig : IDisposable
    {
        public Rig()
        {
            Settings.Store.DiskPercent = 100;
            Settings.Store.MinimumFreeMebibytes = 0;
            Disk = new DiskGauge(Settings.Store, () => new DiskSpace(Held, Free));
            Queue = new DeliveryQueue(Options.Create(new IntakeOptions()), new ArrivalClock(Time));
        }

        public TempStore Store { get; } = new();

        public Settings Settings { get; } = new();

        public FakeTimeProvider Time { get; } = new(_now);

        public DiskGauge Disk { get; }

        public DeliveryQueue Queue { get; }

        public long Held { get; set; }

        public long Free { get; set; } = 100;

        public async Task RunUntilAsync(string sql, string value, CancellationToken stop)
        {
            using var loop = new RetentionLoop(Store.Writer, Settings, new ArrivalClock(Time), Disk, Time,
                NullLogger<RetentionLoop>.Instance);
            await loop.StartAsync(stop);
            await UntilAsync(() => Store.Row(sql) == value, stop);
            await loop.StopAsync(stop);
        }

        /// <summary>Lets time pass until it is so; the limit of the test ends what never comes.</summary>
        public async Task UntilAsync(Func<bool> condition, CancellationToken stop)
        {
            while (!condition())
            {
                Time.Advance(TimeSpan.FromSeconds(10));
                await Task.Delay(1, stop);
            }
        }

        public void Dispose() => Store.Dispose();
    }
}
