using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;

namespace SpasmStream.Tests.Assess;

/// <summary>Several devices on one wearer, through the store: one is believed a kind and minute.</summary>
public sealed class ManyDevicesTests
{
    static readonly Instant _hour = Journal.Now - Duration.FromHours(6);

    [Fact]
    public async Task Steps_of_two_devices_are_never_summed()
    {
        var cells = await FoldAsync(["phone"],
            Minutes(0, 60, m => Steps(m, 40, "phone")), Minutes(0, 60, m => Steps(m, 50, "watch")));

        Assert.Equal(60 * 40, cells.Sum(cell => cell.Steps));
    }

    [Fact]
    public async Task A_better_device_that_is_silent_or_off_the_skin_gives_way_minute_by_minute()
    {
        var cells = await FoldAsync(["strap", "watch"],
            Minutes(0, 10, m => Bpm(m, 60, "strap")),
            Minutes(10, 20, m => Bpm(m, 99, "strap", SampleFlags.OffSkin)),
            Minutes(0, 30, m => Bpm(m, 70, "watch")));

        Assert.All(cells.Take(10), cell => Assert.Equal(60, cell.HeartRate));
        Assert.All(cells.Skip(10).Take(20), cell => Assert.Equal(70, cell.HeartRate));
        Assert.Null(cells[30].HeartRate);
    }

    [Fact]
    public async Task A_running_count_gives_way_to_a_better_device_and_fills_what_it_leaves()
    {
        var cells = await FoldAsync(["watch", "phone"],
            Minutes(0, 20, m => Steps(m, 50, "watch")),
            Minutes(-5, 60, m => Count(m, 1000 + ((m + 5) * 30), "phone")));

        Assert.All(cells.Take(20), cell => Assert.Equal(50, cell.Steps));
        Assert.All(cells.Skip(20).Take(39), cell => Assert.Equal(30, cell.Steps));
    }

    [Fact]
    public async Task A_late_reading_of_a_running_count_corrects_the_hours_on_both_sides()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Samples(_hour, Count(-10, 0, "watch")),
            Said.Samples(_hour + Duration.FromMinutes(5), Count(5, 150, "watch")));
        await journal.Follow().AdvanceAsync(Journal.Now, true, TestContext.Current.CancellationToken);
        Assert.Equal([50.0, 50.0], [Sum(journal, -1) / 2, Sum(journal, 0)]);

        await journal.KeepAsync(Said.Samples(Journal.Now, Count(-1, 9, "watch")));
        await journal.Follow().AdvanceAsync(
            Journal.Now + Duration.FromHours(9), true, TestContext.Current.CancellationToken);

        Assert.Equal(9 + 23.5, Sum(journal, -1));
        Assert.Equal(117.5, Sum(journal, 0));
    }

    [Fact]
    public async Task An_hour_folded_again_for_something_else_still_sees_the_counts_on_both_sides()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Samples(_hour + Duration.FromMinutes(65), Count(-10, 0, "watch"),
            Count(10, 200, "watch"), Count(55, 200, "watch"), Count(65, 300, "watch")));
        await journal.Follow().AdvanceAsync(Journal.Now, true, TestContext.Current.CancellationToken);
        Assert.Equal(150, Sum(journal, 0));

        await journal.KeepAsync(Said.Samples(Journal.Now, Bpm(30, 61, "strap")));
        await journal.Follow().AdvanceAsync(
            Journal.Now + Duration.FromHours(9), true, TestContext.Current.CancellationToken);

        Assert.Equal(150, Sum(journal, 0));
        Assert.Equal(2, journal.Query<long>("SELECT count(*) FROM hour_summary GROUP BY hour").Max());
    }

    static double Sum(Journal journal, int hours) => journal.History()
        .Hours(Journal.Ada, _hour + Duration.FromHours(hours), _hour + Duration.FromHours(hours + 1),
            Journal.Now + Duration.FromDays(1))
        .Sum(hour => hour.Minutes.Sum(cell => cell.Steps ?? 0));

    static async Task<IReadOnlyList<MinuteCell>> FoldAsync(string[] preferred, params Sample[][] devices)
    {
        using var journal = new Journal();
        await journal.KeepAsync(
            devices.Select(samples => Said.Samples(_hour + Duration.FromHours(1), samples)));
        await journal.Follow(Journal.Profile with { PreferredDevices = preferred }).AdvanceAsync(
            Journal.Now, true, TestContext.Current.CancellationToken);
        return Assert.Single(journal.History().Hours(
            Journal.Ada, _hour, _hour + Duration.FromHours(1), Instant.MaxValue)).Minutes;
    }

    static Sample[] Minutes(int from, int to, Func<int, Sample> sample) =>
        [.. Enumerable.Range(from, to - from).Select(sample)];

    static Sample Bpm(int minute, double bpm, string device, SampleFlags flags = SampleFlags.None) =>
        Said.Sample(Signal.HeartRate, _hour + Duration.FromMinutes(minute), bpm, device, flags: flags);

    static Sample Steps(int minute, double steps, string device) => Said.Sample(
        Signal.Steps, _hour + Duration.FromMinutes(minute), steps, device, 60, Stat.Sum);

    static Sample Count(int minute, double total, string device) => Said.Sample(
        Signal.StepCounter, _hour + Duration.FromMinutes(minute), total, device, stat: Stat.Last);
}
