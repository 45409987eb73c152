using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

/// <summary>Steps out of a running count: differences of sorted readings, never negative.</summary>
public sealed class CounterFoldTests
{
    [Fact]
    public void B43_A_difference_is_spread_over_the_stretch_since_the_reading_before()
    {
        var cells = Fold(Total(0, 1000), Total(5, 1100), Total(7, 1100), Total(8, 1130));

        Assert.Equal([20, 20, 20, 20, 20, 0, 0, 30, null], cells.Take(9).Select(cell => cell.Steps));
    }

    [Fact]
    public void B43_A_count_that_falls_starts_again_and_is_never_negative()
    {
        var cells = Fold(Total(0, 1000), Total(1, 1010), Total(3, 4), Total(4, 10));

        Assert.Equal([10, null, null, 6, null], cells.Take(5).Select(cell => cell.Steps));
    }

    [Fact]
    public void B43_After_a_reset_the_total_counts_from_where_it_says_it_began()
    {
        var cells = Wear.Fold(
            [.. Total(0, 1000, since: -300), .. Total(10, 40, since: 8), .. Total(11, 41, since: 8)]);

        Assert.Null(cells[7].Steps);
        Assert.Equal([20, 20, 1, null], cells.Skip(8).Take(4).Select(cell => cell.Steps));
    }

    [Fact]
    public void B43_A_newer_beginning_is_a_reset_even_if_the_count_did_not_fall()
    {
        // Begun before the reading before it: which of its steps came after that, nobody knows.
        var cells = Wear.Fold([.. Total(5, 10, since: -300), .. Total(10, 40, since: 2)]);

        Assert.All(cells, cell => Assert.Null(cell.Steps));
    }

    [Fact]
    public void B43_The_first_total_counts_from_its_beginning_if_that_is_within_an_hour()
    {
        Assert.Equal([10, 10, 10, null],
            Wear.Fold([.. Total(3, 30, since: 0)]).Take(4).Select(cell => cell.Steps));
        Assert.All(Wear.Fold([.. Total(3, 30, since: -58)]), cell => Assert.Null(cell.Steps));
    }

    [Fact]
    public void B43_More_than_three_hundred_a_minute_and_more_than_an_hour_are_not_used()
    {
        Assert.All(Fold(Total(0, 0), Total(1, 301)), cell => Assert.Null(cell.Steps));
        Assert.Equal(300, Fold(Total(0, 0), Total(1, 300))[0].Steps);
        Assert.All(Fold(Total(-1, 0), Total(59.5, 60)), cell => Assert.Null(cell.Steps));
        Assert.Equal(60, Fold(Total(0, 0), Total(60, 60)).Sum(cell => cell.Steps));
    }

    [Fact]
    public void Neighbours_outside_the_hour_tell_its_edges()
    {
        var cells = Fold(Total(-10, 0), Total(10, 200), Total(50, 200), Total(70, 400));

        Assert.Equal(10, cells[0].Steps);
        Assert.Equal(10, cells[59].Steps);
        Assert.Equal(200, cells.Sum(cell => cell.Steps));
    }

    [Fact]
    public void A_device_with_steps_of_its_own_and_a_running_count_is_never_counted_twice()
    {
        var cells = Wear.Fold([Wear.Steps(0, 50), Wear.Steps(1, 0), .. Total(0, 0), .. Total(4, 80)]);

        Assert.Equal([50, 0, 20, 20, null], cells.Take(5).Select(cell => cell.Steps));
    }

    [Fact]
    public void Counts_of_two_devices_are_never_summed()
    {
        var cells = Wear.Fold(
            [.. Total(0, 0), .. Total(2, 40), .. Total(0, 500, "phone"), .. Total(4, 900, "phone")], "watch");

        Assert.Equal([20, 20, 100, 100, null], cells.Take(5).Select(cell => cell.Steps));
    }

    [Fact]
    public void A_reading_off_the_skin_spoils_the_stretches_it_ends_and_begins()
    {
        var cells = Wear.Fold([.. Total(0, 0), .. Total(1, 10, flags: SampleFlags.OffSkin), .. Total(2, 20),
            .. Total(3, 30)]);

        Assert.Equal([null, null, 10, null], cells.Take(4).Select(cell => cell.Steps));
    }

    [Fact]
    public void Any_order_and_doublets_give_the_same_hour()
    {
        Sample[] readings =
        [
            .. Total(0, 0), .. Total(1, 10), .. Total(2, 3, since: 1), .. Total(4, 43, since: 1),
            .. Total(4, 44, since: 1).Select(s => s with { Received = s.Received + Duration.FromHours(1) }),
            .. Total(3, 10, since: 1), .. Total(9, 50), .. Total(9, 50),
        ];
        var expected = Wear.Fold(readings).ToList();
        for (var seed = 0; seed < 30; seed++)
        {
            new Random(seed).Shuffle(readings);
            Assert.Equal(expected, Wear.Fold(readings));
        }

        Assert.Equal([10, 3, 7, 34], expected.Take(4).Select(cell => cell.Steps));
    }

    [Fact]
    public void A_reading_changes_no_hour_that_it_does_not_touch()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var readings = Enumerable.Range(0, 12).SelectMany(_ => Total(random.Next(-90, 150),
                random.Next(300), since: random.Next(3) == 0 ? random.Next(-90, 150) : null)).ToList();
            var extra = Total(random.Next(-90, 150), random.Next(300));
            var (first, last) = HourFold.HoursTouched(
                Signal.StepCounter, extra[0].Start.ToUnixTimeMilliseconds(), 0);
            for (var h = -3; h <= 4; h++)
            {
                var hour = Wear.Hour + Duration.FromHours(h);
                if (hour.ToUnixTimeSeconds() / 3600 is var number && (number < first || number > last))
                    Assert.Equal(HourFold.Fold(hour, Wear.KnownAt, readings, []).Minutes,
                        HourFold.Fold(hour, Wear.KnownAt, [.. readings, .. extra], []).Minutes);
            }
        }
    }

    [Fact]
    public void Signals_that_the_fold_does_not_use_change_nothing()
    {
        var other = Wear.HeartRate(3, 80);
        Sample[] unused =
        [
            .. new[] { Signal.RrInterval, Signal.HrvRmssd, Signal.HrvSdnn, Signal.HrvBeats }.Select(signal =>
                other with { Series = other.Series with { Signal = signal } }),
        ];

        Assert.All(Wear.Fold(unused), cell => Assert.Equal(default, cell));
    }

    static IReadOnlyList<MinuteCell> Fold(params Sample[][] readings) =>
        Wear.Fold(readings.SelectMany(reading => reading));

    static Sample[] Total(double minute, double total, string device = "watch", double? since = null,
        SampleFlags flags = SampleFlags.None)
    {
        var at = Wear.HeartRate(minute, total, device, flags: flags);
        var reading = at with { Series = new Series(device, Signal.StepCounter, Stat.Last, "") };
        return since is not { } began ? [reading] :
        [
            reading,
            at with
            {
                Series = new Series(device, Signal.StepCounterSince, Stat.Last, ""),
                Value = (Wear.Hour + Duration.FromMinutes(began)).ToUnixTimeMilliseconds(),
            },
        ];
    }
}
