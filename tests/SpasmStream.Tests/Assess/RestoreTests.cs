using SpasmStream.Simulators.Wearers;
using SpasmStream.Worker;

namespace SpasmStream.Tests.Assess;

/// <summary>Restart, our own clock, and what is marked afterwards, on a real file.</summary>
public sealed class RestoreTests
{
    static readonly string[] _all =
        ["hour_summary", "day_summary", "forecast", "risk_window", "preceded", "alert", "outbox"];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wearer_restored_before_every_step_is_told_the_same_as_one_that_never_stopped()
    {
        var history = Journal.History(60, LastDay.ShortNight);
        using var whole = new Journal();
        using var broken = new Journal();
        await whole.KeepAsync(history);
        await whole.Follow().AdvanceAsync(Journal.Now, true, Stop);
        await broken.KeepAsync(history);
        // Cuts at every issue time, just before, just after, and in between.
        var issued = whole.Query<long>("SELECT issued FROM forecast ORDER BY issued");
        foreach (var at in issued.SelectMany(ms => (long[])[ms - 1, ms, ms + 3_600_000]))
            await broken.Follow().AdvanceAsync(Instant.FromUnixTimeMilliseconds(at), true, Stop);
        await broken.Follow().AdvanceAsync(Journal.Now, true, Stop);

        Assert.True(issued.Count > 100);
        foreach (var table in _all)
            Assert.True(whole.HashOf(table) == broken.HashOf(table), $"{table} differs.");
    }

    [Fact]
    public async Task On_our_own_clock_only_the_newest_missed_forecast_is_made_and_stamped_as_late_as_it_is()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Journal.History(20));
        var (stopped, back) = (Journal.Now - Duration.FromDays(4), Journal.Now + Duration.FromHours(10.5));
        await journal.Follow().AdvanceAsync(stopped, true, Stop);
        var before = journal.Query<long>("SELECT count(*) FROM forecast")[0];

        await journal.Follow().AdvanceAsync(back, false, Stop);

        Assert.Equal(before + 1, journal.Query<long>("SELECT count(*) FROM forecast")[0]);
        Assert.Equal($"{back.ToUnixTimeMilliseconds()} 2026-11-18 Evening live", journal.Query<string>(
            """
            SELECT issued || ' ' || date || ' ' || kind || ' ' || origin FROM forecast
            ORDER BY issued DESC LIMIT 1
            """)[0]);
    }

    [Fact]
    public async Task A_night_that_arrives_at_half_past_ten_adds_an_update_and_nothing_is_ever_rewritten()
    {
        using var journal = new Journal();
        var day = Journal.Now.InZone(Journal.Zone).Date;
        Instant At(int hour, int minute) =>
            (day + new LocalTime(hour, minute)).InZoneLeniently(Journal.Zone).ToInstant();
        var history = Journal.History(20).ConvertAll(sent =>
            sent.Topic.EndsWith("/sleep", StringComparison.Ordinal) && sent.Received > At(0, 0)
                ? sent with { Received = At(10, 30) } : sent);
        await journal.KeepAsync(history);
        var tracked = journal.Follow();
        await tracked.AdvanceAsync(At(9, 5), true, Stop);
        var first = journal.HashOf("forecast");

        await tracked.AdvanceAsync(At(10, 31), false, Stop);

        Assert.Equal(["Morning 9", "Update 10"], journal.Query<string>(
            $"""
            SELECT kind || ' ' || ((issued / 1000 + 3600) % 86400 / 3600) FROM forecast
            WHERE date='{day:uuuu-MM-dd}'
            """));
        await Assert.ThrowsAnyAsync<Exception>(
            () => journal.ExecuteAsync("UPDATE forecast SET probability=0"));
        await journal.ExecuteAsync($"DELETE FROM forecast WHERE kind='Update' AND date='{day:uuuu-MM-dd}'");
        Assert.Equal(first, journal.HashOf("forecast"));
    }

    [Fact]
    public async Task An_episode_logged_later_marks_the_window_before_it_and_an_edit_marks_anew()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Journal.History(60, LastDay.ShortNight));
        var tracked = journal.Follow();
        await tracked.AdvanceAsync(Journal.Now, true, Stop);
        var window = Instant.FromUnixTimeMilliseconds(
            journal.Query<long>("SELECT max(start) FROM risk_window")[0]);
        Assert.True(Journal.Now - window < Duration.FromDays(1));

        var onset = window + Duration.FromMinutes(20);
        await journal.KeepAsync(Episode(onset, revision: 1, Journal.Now + Duration.FromHours(1)));
        await tracked.AdvanceAsync(Journal.Now + Duration.FromHours(2), false, Stop);
        Assert.Equal([window.ToUnixTimeMilliseconds()], Marks(journal));

        // The attack ends being at risk: the evening's forecast closes the window.
        await tracked.AdvanceAsync(Journal.Now + Duration.FromHours(8.01), false, Stop);
        Assert.Equal([1L], journal.Query<long>(
            "SELECT end IS NOT NULL FROM risk_window ORDER BY start DESC LIMIT 1"));
        Assert.Equal([window.ToUnixTimeMilliseconds()], Marks(journal));

        var later = Journal.Now + Duration.FromHours(9);
        await journal.KeepAsync(Episode(window - Duration.FromHours(1), revision: 2, later));
        await tracked.AdvanceAsync(later + Duration.FromHours(1), false, Stop);
        Assert.DoesNotContain(window.ToUnixTimeMilliseconds(), Marks(journal));

        await journal.KeepAsync(Episode(onset, revision: 3, later + Duration.FromHours(2)));
        await journal.Follow().AdvanceAsync(later + Duration.FromHours(3), false, Stop);
        Assert.Equal([window.ToUnixTimeMilliseconds()], Marks(journal));
    }

    static List<long> Marks(Journal journal) => journal.Query<long>(
        "SELECT window_start FROM preceded WHERE episode='ep-late' ORDER BY window_start");

    static Delivery Episode(Instant onset, int revision, Instant received) => Journal.Sent("diary/episode",
        $$"""
        {"v":1,"id":"ep-late","rev":{{revision}},"t":{{onset.ToUnixTimeMilliseconds()}},"type":"migraine"}
        """, received);
}
