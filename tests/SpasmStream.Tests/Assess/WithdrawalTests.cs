using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Wearers;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Assess;

/// <summary>What a wearer or a device takes back is gone as of its receipt, whatever the order.</summary>
public sealed class WithdrawalTests
{
    static readonly LocalDate _day = Journal.Now.InZone(Journal.Zone).Date;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task D5_A_night_taken_back_before_the_morning_neither_makes_the_issue_time_nor_the_day()
    {
        using var kept = new Journal();
        using var back = new Journal();
        Arrival night = Said.Sleep("n", 2, At(-1, 23), At(0, 6), At(0, 6, 5));
        await kept.KeepAsync([.. Earlier(), night]);
        await back.KeepAsync([.. Earlier(), night, Said.Back("watch", "sleep", "n", 2, At(0, 6, 30)),
            Said.Sleep("n", 1, At(-1, 22), At(0, 6), At(0, 6, 40))]);

        Assert.Equal(["Morning 7"], await MorningsAsync(kept));
        Assert.Equal(["Morning 9"], await MorningsAsync(back));
        Assert.Contains("\"Tst\":420", Day(kept), StringComparison.Ordinal);
        Assert.DoesNotContain("\"Tst\"", Day(back), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D5_A_night_taken_back_after_the_morning_leaves_the_forecast_and_corrects_the_day()
    {
        using var journal = new Journal();
        await journal.KeepAsync([.. Earlier(), Said.Sleep("n", 0, At(-1, 23), At(0, 6), At(0, 6, 5)),
            Said.Back("watch", "sleep", "n", 0, At(0, 12))]);

        Assert.Equal(["Morning 7"], await MorningsAsync(journal));
        await journal.Follow().AdvanceAsync(At(0, 20, 1), true, Stop);
        Assert.DoesNotContain("\"Tst\"", Day(journal), StringComparison.Ordinal);

        await journal.KeepAsync(Said.Sleep("n", 1, At(-1, 23), At(0, 5), At(0, 21)));
        await journal.Follow().AdvanceAsync(At(1, 9, 1), true, Stop);
        Assert.Contains("\"Tst\":360", Day(journal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D5_An_episode_taken_back_is_no_attack_any_more_anywhere()
    {
        using var journal = new Journal();
        var onset = At(0, 5);
        await journal.KeepAsync([.. Earlier(), Said.Migraine("e", 1, onset, At(0, 6))]);
        var tracked = journal.Follow();
        await tracked.AdvanceAsync(At(0, 10), true, Stop);
        Assert.Equal(["attack"], journal.Query<string>("SELECT gap FROM forecast WHERE gap='attack'"));
        Assert.Single(Shown(journal));

        await journal.KeepAsync(Said.Back("diary", "episode", "e", 1, At(0, 11)),
            Said.Migraine("e", 0, onset, At(0, 12)));
        await tracked.AdvanceAsync(At(0, 20, 1), true, Stop);

        Assert.Empty(Shown(journal));
        Assert.Equal([1L], journal.Query<long>($"""
            SELECT at_risk FROM forecast WHERE kind='Evening' AND date='{_day:uuuu-MM-dd}'
            """));
        await journal.KeepAsync(Said.Migraine("e", 2, onset, At(0, 21)));
        Assert.Single(Shown(journal));
    }

    [Fact]
    public async Task An_episode_edited_into_no_attack_is_one_entry_and_both_are_taken_back_by_their_id()
    {
        using var journal = new Journal();
        await journal.KeepAsync([.. Earlier(), Said.Migraine("e", 0, At(0, 5), At(0, 6)),
            Said.NoAttack("e", 1, _day, At(0, 7))]);
        var tracked = journal.Follow();
        await tracked.AdvanceAsync(At(0, 10), true, Stop);
        Assert.Empty(Shown(journal));
        Assert.Contains("\"SaidNoAttack\":true", Day(journal), StringComparison.Ordinal);
        Assert.Empty(journal.Query<string>("SELECT gap FROM forecast WHERE gap='attack'"));

        await journal.KeepAsync(Said.Back("diary", "episode", "e", 1, At(0, 11)));
        await tracked.AdvanceAsync(At(0, 20, 1), true, Stop);

        Assert.Contains("\"SaidNoAttack\":false", Day(journal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D5_A_mark_of_an_episode_goes_with_the_episode_and_comes_back_with_a_higher_revision()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Journal.History(60, LastDay.ShortNight));
        var tracked = journal.Follow();
        await tracked.AdvanceAsync(Journal.Now, true, Stop);
        var window = Instant.FromUnixTimeMilliseconds(
            journal.Query<long>("SELECT start FROM risk_window ORDER BY start DESC LIMIT 1")[0]);

        await StepAsync(Said.Migraine("late", 0, window + Duration.FromHours(5), Journal.Now), 0);
        Assert.Single(Marks());
        await StepAsync(Said.Back("diary", "episode", "late", 0, Journal.Now + Duration.FromHours(1)), 1);
        Assert.Empty(Marks());
        await StepAsync(Said.Migraine("late", 1, window + Duration.FromHours(5),
            Journal.Now + Duration.FromHours(2)), 2);
        Assert.Single(Marks());

        async Task StepAsync(Arrival arrival, int hour)
        {
            await journal.KeepAsync(arrival);
            await tracked.AdvanceAsync(Journal.Now + Duration.FromHours(hour + 0.5), false, Stop);
        }

        List<long> Marks() => journal.Query<long>("SELECT window_start FROM preceded WHERE episode='late'");
    }

    [Fact]
    public async Task A_bout_of_activity_is_kept_and_read_back_and_stands_in_nobodys_way()
    {
        using var journal = new Journal();
        var bout = Said.Entry("watch", "activity", "w-1", 0, At(0, 5), At(0, 6), "walk",
            at => new ActivityBout
            {
                Device = "watch", Id = "w-1", Start = At(0, 5), End = At(0, 5, 30), Received = at,
            });
        await journal.KeepAsync([.. Earlier(), bout, Said.Back("watch", "activity", "w-1", 0, At(0, 7))]);

        Assert.Equal(["Morning 9"], await MorningsAsync(journal));
        Assert.IsType<ActivityBout>(Said.Reader()(Journal.Ada,
            journal.History().Entries(Journal.Ada, 0).First(entry => entry.Kind == "activity")));
    }

    [Fact]
    public async Task Live_events_make_a_night_at_nine_and_a_complete_record_takes_its_place()
    {
        using var journal = new Journal();
        await journal.KeepAsync([.. Earlier(), 
            Said.Event(SleepEventKind.Start, At(-1, 23), At(-1, 23)),
            Said.Event(SleepEventKind.Stage, At(0, 0), At(0, 0), SleepStage.Light),
            Said.Event(SleepEventKind.Stop, At(0, 6), At(0, 6))]);

        Assert.Equal(["Morning 9"], await MorningsAsync(journal));
        Assert.Contains("\"Tst\":420", Day(journal), StringComparison.Ordinal);

        await journal.KeepAsync(Said.Sleep("n", 0, At(-1, 23), At(0, 5), At(0, 15), "ring"));
        await journal.Follow().AdvanceAsync(At(0, 20, 1), true, Stop);
        Assert.Contains("\"Tst\":360", Day(journal), StringComparison.Ordinal);

        await journal.KeepAsync(Said.Back("ring", "sleep", "n", 0, At(0, 21)));
        await journal.Follow().AdvanceAsync(At(1, 9, 1), true, Stop);
        Assert.Contains("\"Tst\":420", Day(journal), StringComparison.Ordinal);
    }

    /// <summary>Something from the day before, so that the record has begun.</summary>
    static IEnumerable<Arrival> Earlier() =>
        [Said.Samples(At(-1, 12), Said.Sample(Signal.HeartRate, At(-1, 12), 60))];

    static async Task<List<string>> MorningsAsync(Journal journal)
    {
        await journal.Follow().AdvanceAsync(At(0, 10), true, Stop);
        return journal.Query<string>($"""
            SELECT kind || ' ' || CAST(strftime('%H', issued/1000+3600, 'unixepoch') AS INTEGER) FROM forecast
            WHERE date='{_day:uuuu-MM-dd}' AND kind='Morning'
            """);
    }

    static string Day(Journal journal) => journal.Query<string>($"""
        SELECT summary FROM day_summary WHERE date='{_day:uuuu-MM-dd}' ORDER BY known_at DESC LIMIT 1
        """)[0];

    static IReadOnlyList<ListedEpisode> Shown(Journal journal)
    {
        using var reader = journal.File.OpenReader();
        return new EpisodeQuery(reader, Said.Reader()).Since(
            WearerRecord.IdOf(reader, Journal.Ada)!.Value, Journal.Ada, At(-2, 0));
    }

    static Instant At(int day, int hour, int minute = 0) =>
        (_day.PlusDays(day) + new LocalTime(hour, minute)).InZoneLeniently(Journal.Zone).ToInstant();
}
