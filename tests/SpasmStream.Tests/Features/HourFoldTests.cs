using System.Diagnostics;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

public sealed class HourFoldTests
{
    [Fact]
    public void A_minute_is_the_median_of_its_samples()
    {
        var cells = Wear.Fold(
        [
            Wear.HeartRate(3, 60), Wear.HeartRate(3.2, 90), Wear.HeartRate(3.5, 64),
            Wear.HeartRate(4, 70), Wear.HeartRate(4.5, 73),
        ]);

        Assert.Equal(64, cells[3].HeartRate);
        Assert.Equal(71.5, cells[4].HeartRate);
        Assert.Equal(default, cells[5]);
    }

    [Fact]
    public void What_nobody_measured_is_missing_not_zero()
    {
        var cells = Wear.Fold([Wear.HeartRate(0, 60), Wear.Steps(1, 0)]);

        Assert.Null(cells[0].Steps);
        Assert.Equal(0, cells[1].Steps);
        Assert.Null(cells[1].HeartRate);
        Assert.All(cells.Skip(2), cell => Assert.Equal(default, cell));
    }

    [Theory]
    [InlineData(29, SampleFlags.None, Stat.Raw)]
    [InlineData(221, SampleFlags.None, Stat.Raw)]
    [InlineData(60, SampleFlags.OffSkin, Stat.Raw)]
    [InlineData(60, SampleFlags.Implausible, Stat.Raw)]
    [InlineData(60, SampleFlags.Imputed, Stat.Raw)]
    [InlineData(60, SampleFlags.None, Stat.Min)]
    [InlineData(60, SampleFlags.None, Stat.Max)]
    [InlineData(double.NaN, SampleFlags.None, Stat.Raw)]
    public void A_heart_rate_that_is_not_usable_is_left_out(double bpm, SampleFlags flags, Stat stat) =>
        Assert.Null(Wear.Fold([Wear.HeartRate(0, bpm, flags: flags, stat: stat)])[0].HeartRate);

    [Fact]
    public void A_mean_covers_the_minutes_it_overlaps_and_shorter_samples_go_before_it()
    {
        var cells = Wear.Fold(
            [Wear.HeartRate(-3, 60, minutes: 5, stat: Stat.Mean), Wear.HeartRate(1, 66)]);

        Assert.Equal([60, 66, null], cells.Take(3).Select(cell => cell.HeartRate));
    }

    [Fact]
    public void An_average_over_hours_is_not_a_minutes_heart_rate() =>
        Assert.Null(Wear.Fold([Wear.HeartRate(0, 60, minutes: 60, stat: Stat.Mean)])[30].HeartRate);

    [Fact]
    public void A_five_minute_delta_is_spread_and_what_lies_outside_the_hour_is_left_out()
    {
        var cells = Wear.Fold([Wear.Steps(-2, 100, minutes: 5), Wear.Steps(57.5, 50, minutes: 5)]);

        Assert.Equal([20, 20, 20, null], cells.Take(4).Select(cell => cell.Steps));
        Assert.Equal([5, 10, 10], cells.Skip(57).Select(cell => cell.Steps));
    }

    [Fact]
    public void Two_halves_of_one_delta_in_two_hours_make_the_whole()
    {
        Sample[] delta = [Wear.Steps(55, 100, minutes: 10)];
        var next = HourFold.Fold(Wear.Hour + Duration.FromHours(1), Wear.KnownAt, delta, []);

        Assert.Equal(100, Wear.Fold(delta).Sum(cell => cell.Steps) + next.Minutes.Sum(cell => cell.Steps));
    }

    [Fact]
    public void More_than_three_hundred_steps_a_minute_are_not_used()
    {
        Assert.Null(Wear.Fold([Wear.Steps(0, 301)])[0].Steps);
        Assert.Null(Wear.Fold([Wear.Steps(0, 1501, minutes: 5)])[0].Steps);
        Assert.Equal(300, Wear.Fold([Wear.Steps(0, 300)])[0].Steps);
        Sample[] halves = [Wear.Steps(0, 200, minutes: 0.5), Wear.Steps(0.5, 101, minutes: 0.5)];
        Assert.Null(Wear.Fold(halves)[0].Steps);
    }

    [Fact]
    public void Two_devices_are_never_summed()
    {
        Sample[] samples =
        [
            Wear.Steps(0, 80, "phone"), Wear.Steps(0, 100, "watch"), Wear.Steps(1, 50, "phone"),
            Wear.HeartRate(0, 70, "phone"), Wear.HeartRate(0, 60, "watch"),
        ];

        Assert.Equal(new MinuteCell(60, 100), Wear.Fold(samples, "watch", "phone")[0]);
        Assert.Equal(new MinuteCell(70, 80), Wear.Fold(samples, "phone", "watch")[0]);
        Assert.Equal(new MinuteCell(70, 80), Wear.Fold(samples)[0]); // by name
        Assert.Equal(50, Wear.Fold(samples, "watch", "phone")[1].Steps);
    }

    [Fact]
    public void Two_sources_of_one_device_are_never_summed()
    {
        var cells = Wear.Fold([Wear.Steps(0, 90, source: "b"), Wear.Steps(0, 100, source: "a")]);

        Assert.Equal(100, cells[0].Steps);
    }

    [Fact]
    public void Two_groupings_of_one_count_are_never_summed()
    {
        var cells = Wear.Fold(
        [
            Wear.Steps(0, 100, minutes: 10), Wear.Steps(2, 30), Wear.Steps(3, 40),
            Wear.Steps(9.5, 20, minutes: 1),
        ]);

        Assert.Equal([10, 10, 30, 40, 10], cells.Take(5).Select(cell => cell.Steps));
        Assert.Equal([15, 10, null], cells.Skip(9).Take(3).Select(cell => cell.Steps));
    }

    [Fact]
    public void Zero_steps_from_a_watch_on_the_charger_give_way_to_the_phone()
    {
        Sample[] charging = [Wear.Steps(0, 0), Wear.Steps(0, 50, "phone")];
        Sample[] worn = [.. charging, Wear.HeartRate(4, 60)];

        Assert.Equal(50, Wear.Fold(charging, "watch", "phone")[0].Steps);
        Assert.Equal(0, Wear.Fold(worn, "watch", "phone")[0].Steps);
    }

    [Fact]
    public void A_lone_jump_is_rejected_and_one_that_lasts_is_kept()
    {
        var lone = Wear.Fold(Rates(60, 62, 120, 61, 60));
        var lasting = Wear.Fold(Rates(60, 62, 120, 121, 60));

        Assert.Equal([60, 62, null, 61, 60], lone.Take(5).Select(cell => cell.HeartRate));
        // Two minutes that agree are believed; the last has nobody to agree with.
        Assert.Equal([60, 62, 120, 121, null], lasting.Take(5).Select(cell => cell.HeartRate));
    }

    [Fact]
    public void A_jump_of_forty_or_with_steps_or_after_a_gap_is_kept()
    {
        Assert.Equal(100, Wear.Fold(Rates(60, 100))[1].HeartRate);
        Assert.Equal(120, Wear.Fold([.. Rates(60, 120), Wear.Steps(1, 90)])[1].HeartRate);
        Assert.Equal(120, Wear.Fold([Wear.HeartRate(0, 60), Wear.HeartRate(2, 120)])[2].HeartRate);
    }

    [Fact]
    public void Of_one_identity_the_higher_revision_counts_then_the_later_receipt()
    {
        var first = Wear.Steps(0, 10);
        var later = first with { Value = 20, Received = first.Received + Duration.FromHours(1) };
        var revised = first with { Value = 30, Revision = 1 };
        var withdrawn = first with { Value = 40, Revision = 2, Flags = SampleFlags.Implausible };

        Assert.Equal(10, Wear.Fold([first, first])[0].Steps);
        Assert.Equal(20, Wear.Fold([later, first])[0].Steps);
        Assert.Equal(30, Wear.Fold([revised, later, first])[0].Steps);
        Assert.Null(Wear.Fold([revised, withdrawn, first])[0].Steps);
    }

    [Fact]
    public void B37_shuffled_samples_give_the_same_hour()
    {
        var random = new Random(7);
        var samples = Mixed(random).ToArray();
        var expected = HourFold.Fold(Wear.Hour, Wear.KnownAt, samples, ["watch"]).ToBytes();

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(samples);
            Assert.Equal(expected, HourFold.Fold(Wear.Hour, Wear.KnownAt, samples, ["watch"]).ToBytes());
            Sample[] doubled = [.. samples, .. samples[..(round * 10)]];
            Assert.Equal(expected, HourFold.Fold(Wear.Hour, Wear.KnownAt, doubled, ["watch"]).ToBytes());
        }
    }

    [Fact]
    public void An_hour_begins_on_the_hour() =>
        Assert.Throws<ArgumentException>(
            () => HourFold.Fold(Wear.Hour + Duration.FromMinutes(30), Wear.KnownAt, [], []));

    [Fact]
    public void A_wearer_year_folds_fast()
    {
        var hour = Enumerable.Range(0, 60).Select(minute => Wear.HeartRate(minute, 60 + (minute % 7)))
            .Concat(Enumerable.Range(0, 12).Select(minute => Wear.Steps(minute * 5, 40, minutes: 5)))
            .ToArray();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 8760; i++)
            HourFold.Fold(Wear.Hour, Wear.KnownAt, hour, ["watch"]);

        TestContext.Current.TestOutputHelper?.WriteLine($"{watch.ElapsedMilliseconds} ms");
        // Far above what it takes even unoptimised on a busy machine: this notices a quadratic fold only.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    static IEnumerable<Sample> Rates(params double[] bpm) =>
        bpm.Select((value, minute) => Wear.HeartRate(minute, value));

    static IEnumerable<Sample> Mixed(Random random)
    {
        foreach (var device in new[] { "watch", "phone", "strap" })
            for (var i = 0; i < 80; i++)
            {
                var minute = (random.NextDouble() * 64) - 3;
                yield return Wear.HeartRate(minute, 50 + (random.NextDouble() * 90), device);
                yield return Wear.HeartRate(
                    Math.Floor(minute), 50 + random.Next(90), device, minutes: 5, stat: Stat.Mean);
                yield return Wear.Steps(minute, random.Next(40), device, minutes: random.Next(1, 9));
            }
    }
}
