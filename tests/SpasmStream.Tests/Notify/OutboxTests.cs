using Microsoft.Extensions.Time.Testing;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Store;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Notify;

public sealed class OutboxTests : IDisposable
{
    static readonly CancellationToken _stop = CancellationToken.None;
    static readonly Instant _now = News.Issued + Duration.FromSeconds(1);

    readonly TempStore _store = new();

    Outbox Outbox => new(_store.File, _store.Writer);

    [Fact]
    public async Task D12_An_announcement_waits_once_for_each_channel_that_wants_it()
    {
        OutChannel[] channels =
        [
            OutChannel.Mqtt, new("phone") { AlertsOnly = true },
            new("bens") { Wearers = new HashSet<WearerId> { new("ben") } },
        ];
        await SaveAsync(News.Raised(), channels);
        await SaveAsync(News.Opened(News.Issued + Duration.FromDays(2)), channels);

        Assert.Equal(["mqtt|2", "phone|1"],
            _store.Rows("SELECT channel, count(*) FROM outbox GROUP BY channel ORDER BY channel"));
        Assert.Equal("1", _store.Row(
            "SELECT count(DISTINCT key) FROM outbox WHERE key IN (SELECT key FROM alert)"));
    }

    [Fact]
    public async Task D12_The_same_announcement_saved_again_adds_nothing()
    {
        var news = News.Raised();
        await SaveAsync(news, [OutChannel.Mqtt]);
        var insert = _store.RunAsync(session =>
        {
            session.Execute("DELETE FROM forecast");
            return 0;
        });
        await insert;
        await SaveAsync(news, [OutChannel.Mqtt, new OutChannel("phone")]);

        Assert.Equal(["mqtt", "phone"], _store.Rows("SELECT channel FROM outbox ORDER BY channel"));
    }

    [Fact]
    public async Task A_row_that_is_being_sent_is_due_again_after_its_lease_and_at_once_after_a_start()
    {
        await SaveAsync(News.Raised(), [OutChannel.Mqtt]);
        var row = Assert.Single(Outbox.Due("mqtt", _now));
        await Outbox.ClaimAsync(row, _now, _stop);

        Assert.Empty(Outbox.Due("mqtt", _now + Duration.FromSeconds(29)));
        Assert.Equal((row.Key, 1), Only(Outbox.Due("mqtt", _now + Duration.FromSeconds(30))));
        await Outbox.ReleaseAsync("mqtt", _stop);
        Assert.Equal((row.Key, 1), Only(Outbox.Due("mqtt", _now)));
    }

    [Fact]
    public async Task D14_A_row_for_a_channel_that_was_switched_off_expires_and_is_counted()
    {
        await SaveAsync(News.Raised(), [new OutChannel("gone")]);
        var expires = News.Raised().Expires;

        Assert.Empty(await Outbox.ExpireAsync(expires - Duration.FromSeconds(1), _stop));
        Assert.Equal(KeyValuePair.Create("gone", 1), Assert.Single(await Outbox.ExpireAsync(expires, _stop)));
        Assert.Equal("expired", _store.Row("SELECT state FROM outbox"));
        Assert.Empty(await Outbox.ExpireAsync(expires, _stop));
    }

    [Fact]
    public async Task A_row_that_expired_while_it_was_sent_stays_so_unless_it_arrived()
    {
        await SaveAsync(News.Raised(), [OutChannel.Mqtt]);
        var row = Assert.Single(Outbox.Due("mqtt", _now));
        await Outbox.ClaimAsync(row, _now, _stop);
        await Outbox.ExpireAsync(row.Expires, _stop);

        await Outbox.RetryAsync(row, row.Expires + Duration.FromSeconds(5), _stop);
        Assert.Equal("expired", _store.Row("SELECT state FROM outbox"));
        await Outbox.DeliveredAsync(row, row.Expires, "202 m-1", _stop);
        Assert.Equal("delivered|202 m-1", _store.Row("SELECT state, receipt FROM outbox"));
    }

    [Fact]
    public async Task The_expiry_tells_how_much_on_which_channel_and_nothing_else()
    {
        await SaveAsync(News.Raised(), [new OutChannel("gone")]);
        var time = new FakeTimeProvider(News.Raised().Expires.ToDateTimeOffset());
        var log = new LogLines<OutboxExpiry>();
        using var expiry = new OutboxExpiry(Outbox, new(time), new(time), time, log);

        await expiry.SweepAsync(_stop);

        Assert.Equal("1 announcements for channel gone expired before they could be delivered.",
            Assert.Single(log.Lines));
    }

    public void Dispose() => _store.Dispose();

    static (string, int) Only(IReadOnlyList<OutboxRow> rows) =>
        (Assert.Single(rows).Key, rows[0].Attempts);

    Task<int> SaveAsync(Announcement news, IReadOnlyList<OutChannel> channels) =>
        _store.RunAsync(session =>
        {
            Assessing.Save(session, News.Anna, new AssessedStep
            {
                KnownAt = news.Forecast.Issued,
                Replayed = false,
                Assessment = News.Assessed(news),
            }, channels);
            return 0;
        });
}
