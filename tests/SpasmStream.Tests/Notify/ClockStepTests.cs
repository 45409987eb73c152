using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.Core.Alerting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Notify;

/// <summary>What goes out while the machine's clock is set.</summary>
public sealed class ClockStepTests : IDisposable
{
    static readonly CancellationToken _stop = CancellationToken.None;

    readonly TempStore _store = new();
    readonly Announcement _news = News.Raised(Instant.FromUtc(2026, 3, 7, 11, 5));
    readonly SteppedTime _time = new(Instant.FromUtc(2026, 3, 7, 11, 5));

    [Theory]
    [InlineData(3_600)]
    [InlineData(-600)]
    [InlineData(-7_200)]
    public async Task F46_A_clock_that_is_set_makes_no_second_alert(int seconds)
    {
        var channel = RecordingNotifier.Always(SendAnswer.Delivered("ok"));
        using var dispatcher = Dispatcher(channel);
        await SaveAsync();
        await dispatcher.RoundAsync(_stop);

        _time.Step(TimeSpan.FromSeconds(seconds));
        // The same assessment saved again, as a start after the step would: the key is the same.
        await SaveAsync();
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await dispatcher.RoundAsync(_stop);
        }

        Assert.Single(channel.Keys);
        Assert.Equal("delivered|1", _store.Row("SELECT state, attempts FROM outbox"));
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(-600)]
    [InlineData(-7_200)]
    public async Task F46_What_waits_to_be_sent_again_waits_neither_less_than_nothing_nor_the_step(
        int seconds)
    {
        var channel = new RecordingNotifier("mqtt", count => Task.FromResult(
            count == 1 ? SendAnswer.Failed("no") : SendAnswer.Delivered("ok")));
        using var dispatcher = Dispatcher(channel);
        await SaveAsync();
        await dispatcher.RoundAsync(_stop);
        _time.Step(TimeSpan.FromSeconds(seconds));

        // The first wait is 5 s and a fifth of it; a clock that was set back is gone after at half speed.
        for (var i = 0; i < 13; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await dispatcher.RoundAsync(_stop);
        }

        Assert.Equal(2, channel.Keys.Count);
        Assert.Equal("delivered|2|1",
            _store.Row("SELECT state, attempts, done>=created FROM outbox"));
    }

    [Theory]
    // In the night in which it is two o'clock only once, twice, and on the day that most years lack.
    [InlineData("2026-03-28T21:30:00Z", "2026-03-29T04:00:00Z")]
    [InlineData("2026-10-24T20:30:00Z", "2026-10-25T05:00:00Z")]
    [InlineData("2028-02-28T21:30:00Z", "2028-02-29T05:00:00Z")]
    public void F46_Quiet_hours_end_by_the_clock_on_the_wall(string at, string end) =>
        Assert.Equal(Read(end), Alert.AfterQuiet(Read(at), News.Profile));

    public void Dispose() => _store.Dispose();

    static Instant Read(string text) => NodaTime.Text.InstantPattern.ExtendedIso.Parse(text).Value;

    Dispatcher Dispatcher(INotifier channel) => new(channel, new Outbox(_store.File, _store.Writer),
        new WearerDirectory([new WearerOptions { Id = "anna", Zone = "Europe/Berlin" }], false),
        new ArrivalClock(_time), new Heartbeats(_time), _time, Options.Create(new NotifyOptions()),
        NullLogger<Dispatcher>.Instance);

    Task<int> SaveAsync() => _store.RunAsync(session =>
    {
        if (session.Scalar<long>("SELECT count(*) FROM forecast") > 0)
            session.Execute("DELETE FROM forecast");
        Assessing.Save(session, News.Anna, new AssessedStep
        {
            KnownAt = _news.Forecast.Issued,
            Replayed = false,
            Assessment = News.Assessed(_news),
        }, [OutChannel.Mqtt]);
        return 0;
    });
}
