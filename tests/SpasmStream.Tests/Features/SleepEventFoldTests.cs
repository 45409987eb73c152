using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

/// <summary>Provisional nights out of live events, and when they count.</summary>
public sealed class SleepEventFoldTests
{
    static readonly LocalDate _date = new(2026, 3, 10);
    static readonly Instant _bed = Wear.At(new LocalDate(2026, 3, 9), 23);

    [Fact]
    public void A_sleep_goes_from_start_to_stop_and_a_stage_until_the_next_event()
    {
        var sleep = Assert.Single(SleepEventFold.Fold(
        [
            Told(0, SleepEventKind.Start), Told(10, SleepStage.Light), Told(40, SleepStage.Deep),
            Told(100, SleepEventKind.Pause), Told(110, SleepEventKind.Resume), Told(115, SleepStage.Rem),
            Told(150, SleepEventKind.Stop),
        ]));

        Assert.True(sleep.Provisional);
        Assert.Equal((_bed, Minutes(150)), (sleep.Start, sleep.End));
        Assert.Equal(
            [(SleepStage.Light, 10, 30), (SleepStage.Deep, 40, 60), (SleepStage.Rem, 115, 35)],
            sleep.Stages.Select(run =>
                (run.Stage, (int)run.Offset.TotalMinutes, (int)run.Length.TotalMinutes)));
        Assert.Equal($"live@{_bed.ToUnixTimeMilliseconds()}", sleep.Id);
    }

    [Fact]
    public void A_stage_lasts_ninety_minutes_at_most_and_so_does_a_sleep_without_a_stop()
    {
        var sleep = Assert.Single(SleepEventFold.Fold(
            [Told(0, SleepEventKind.Start), Told(5, SleepStage.Deep), Told(200, SleepStage.Light)]));

        Assert.Equal(Minutes(290), sleep.End);
        Assert.All(sleep.Stages, run => Assert.Equal(Duration.FromMinutes(90), run.Length));
    }

    [Fact]
    public void A_sleep_without_a_stop_ends_at_the_next_start_and_never_lasts_longer_than_a_day()
    {
        var sleeps = SleepEventFold.Fold(
        [
            Told(0, SleepEventKind.Start), Told(20, SleepStage.Light), Told(60, SleepEventKind.Start),
            Told(70, SleepStage.Light), Told(60 + (24 * 60) + 1, SleepEventKind.Stop),
        ]);

        Assert.Equal([Minutes(60), Minutes(160)], sleeps.Select(sleep => sleep.End));
    }

    [Fact]
    public void Events_outside_a_sleep_and_a_sleep_of_no_length_mean_nothing() => Assert.Empty(
        SleepEventFold.Fold([Told(0, SleepStage.Deep), Told(5, SleepEventKind.Stop)]));

    [Fact]
    public void Any_order_gives_the_same_sleeps_with_the_same_ids()
    {
        SleepEvent[] events =
        [
            Told(0, SleepEventKind.Start), Told(30, SleepStage.Deep), Told(30, SleepStage.Light),
            Told(90, SleepEventKind.Stop), Told(90, SleepEventKind.Start), Told(300, SleepEventKind.Stop),
        ];
        var expected = Text(SleepEventFold.Fold(events));
        for (var seed = 0; seed < 20; seed++)
        {
            new Random(seed).Shuffle(events);
            Assert.Equal(expected, Text(SleepEventFold.Fold(events)));
        }
    }

    [Fact]
    public void A_complete_record_of_whatever_device_replaces_a_provisional_night_it_overlaps()
    {
        var live = Assert.Single(SleepEventFold.Fold(
            [Told(0, SleepEventKind.Start), Told(480, SleepEventKind.Stop)]));
        var whole = Wear.Sleep(_bed + Duration.FromHours(1), _bed + Duration.FromHours(7), "watch");

        Assert.Equal(480, Summary(live).Tst);
        Assert.Equal(360, Summary(live, whole).Tst);
        Assert.Equal(360, Summary(whole, live).Tst);
        Assert.Equal(480, Summary(live, Wear.Sleep(Minutes(-600), Minutes(-540), "watch")).Tst);
    }

    static DaySummary Summary(params SleepEpisode[] sleeps) => DayFold.Summarise(
        _date, Wear.KnownAt, Wear.Berliner with { PreferredDevices = ["band"] }, [], sleeps, []);

    static string Text(IEnumerable<SleepEpisode> sleeps) => string.Join('\n', sleeps.Select(sleep =>
        $"{sleep.Id} {sleep.Start} {sleep.End} {string.Join(' ', sleep.Stages)}"));

    static SleepEvent Told(int minute, SleepStage stage) =>
        Told(minute, SleepEventKind.Stage) with { Stage = stage };

    static SleepEvent Told(int minute, SleepEventKind kind) => new()
    {
        Device = "band", At = Minutes(minute), Kind = kind, Received = Minutes(minute),
    };

    static Instant Minutes(int minutes) => _bed + Duration.FromMinutes(minutes);
}
