using SpasmStream.Simulators.Wearers;
using SpasmStream.Tests.Store;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Assess;

/// <summary>A wearer whose old samples and minutes are gone is told the same as one who kept them.</summary>
public sealed class RetentionRestoreTests
{
    static readonly StoreOptions _short = new() { RawDays = 35, MinuteDays = 42 };

    static readonly string[] _kept =
        ["day_summary", "forecast", "risk_window", "preceded", "alert", "outbox", "entry"];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wearer_restored_from_a_thinned_file_goes_on_as_if_nothing_had_been_removed()
    {
        var history = Journal.History(75, LastDay.ShortNight);
        using var whole = new Journal();
        using var thinned = new Journal();
        await whole.KeepAsync(history);
        await whole.Follow().AdvanceAsync(Journal.Now, true, Stop);

        // Day by day as it comes, with a run of the retention every night and a restart after it.
        var removed = 0L;
        var arrived = 0;
        for (var at = history[0].Received; at < Journal.Now; at += Duration.FromDays(1))
        {
            var until = Instant.Min(at + Duration.FromDays(1), Journal.Now);
            var news = history.Where(sent => sent.Received >= at && sent.Received < until).ToList();
            arrived += news.Count;
            await thinned.KeepAsync(news);
            await thinned.Follow().AdvanceAsync(until, true, Stop);
            removed += await thinned.Writer.ThinAsync(until, _short);
        }

        var rest = history.Where(sent => sent.Received >= Journal.Now).ToList();
        await thinned.KeepAsync(rest);
        await thinned.Follow().AdvanceAsync(Journal.Now, true, Stop);

        Assert.Equal(history.Count, arrived + rest.Count);
        Assert.True(removed > 10_000);
        Assert.True(thinned.Query<long>("SELECT count(*) FROM hour_digest")[0] > 20 * 24);
        foreach (var table in _kept)
            Assert.True(whole.HashOf(table) == thinned.HashOf(table), $"{table} differs.");
        Assert.Equal(
            whole.Query<long>("SELECT count(DISTINCT hour) FROM hour_summary")[0],
            thinned.Query<long>("SELECT count(DISTINCT hour) FROM hour_summary")[0]
                + thinned.Query<long>("SELECT count(*) FROM hour_digest")[0]);
    }

    [Fact]
    public async Task An_entry_for_a_day_whose_minutes_are_gone_leaves_the_day_as_it_was_made()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Journal.History(60));
        await journal.Follow().AdvanceAsync(Journal.Now, true, Stop);
        await journal.Writer.ThinAsync(Journal.Now, _short);
        var old = Journal.Now - Duration.FromDays(50);
        var made = Versions(journal, old);

        await journal.KeepAsync(Journal.Sent("diary/episode",
            $$"""{"v":1,"id":"old","t":{{old.ToUnixTimeMilliseconds()}},"type":"migraine"}""",
            Journal.Now + Duration.FromMinutes(1)));
        // The evening's issue time learns it, and folds what it touched.
        await journal.Follow().AdvanceAsync(Journal.Now + Duration.FromHours(12), true, Stop);

        Assert.Equal(made, Versions(journal, old));
        Assert.Equal(1, journal.Query<long>("SELECT count(*) FROM entry WHERE key='old'")[0]);
    }

    static List<string> Versions(Journal journal, Instant at) => journal.Query<string>($"""
        SELECT known_at || summary FROM day_summary
        WHERE date='{at.InZone(Journal.Zone).Date:uuuu-MM-dd}' ORDER BY known_at
        """);
}
