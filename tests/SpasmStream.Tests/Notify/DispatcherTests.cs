using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Notify;

/// <summary>One row, one channel, time by hand.</summary>
public sealed class DispatcherTests : IDisposable
{
    static readonly CancellationToken _stop = CancellationToken.None;
    static readonly SendAnswer _no = SendAnswer.Failed("no");

    readonly TempStore _store = new();
    readonly LogLines<Dispatcher> _log = new();

    // Five past noon: an alert may be tried for hours before the quiet begins.
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 7, 11, 5, 0, TimeSpan.Zero));

    [Fact]
    public async Task What_arrives_is_delivered_with_its_receipt_and_never_sent_again()
    {
        var channel = RecordingNotifier.Always(SendAnswer.Delivered("200 m-1"));
        await RunAsync(channel, 0, 600);

        Assert.Single(channel.Keys);
        Assert.Equal("delivered|200 m-1|1", _store.Row("SELECT state, receipt, attempts FROM outbox"));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task What_fails_is_sent_again_by_the_table_with_the_same_key_and_told_once()
    {
        var channel = new RecordingNotifier("mqtt",
            count => Task.FromResult(count <= 5 ? _no : SendAnswer.Delivered("ok")));
        // Before, at, and after the end of each wait: 5, 15, 30, 60, 120 s, a fifth to either side.
        int[] attempts = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6];
        double[] waits = [0, 3.9, 2.2, 11.9, 6.2, 23.9, 12.2, 47.9, 24.2, 95.9, 48.2];
        await SaveAsync();
        for (var i = 0; i < waits.Length; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(waits[i]));
            await Dispatcher(channel).RoundAsync(_stop);
            Assert.Equal((i, attempts[i]), (i, channel.Keys.Count));
        }

        Assert.Single(channel.Keys.Distinct());
        Assert.Equal("delivered|6", _store.Row("SELECT state, attempts FROM outbox"));
    }

    [Fact]
    public async Task A_channel_that_never_answers_has_failed_after_twenty_seconds()
    {
        await SaveAsync();
        var never = new TaskCompletionSource<SendAnswer>();
        var channel = new RecordingNotifier("mqtt", _ => never.Task);
        var round = Dispatcher(channel).RoundAsync(_stop);
        while (channel.Keys.Count == 0)
            await Task.Yield();

        _time.Advance(NotifyDoor.Limit - TimeSpan.FromSeconds(1));
        Assert.False(round.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await round;

        Assert.Contains("no end within 20 s", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.Equal("pending|1", _store.Row("SELECT state, attempts FROM outbox"));
    }

    [Fact]
    public async Task Why_a_broker_is_not_trusted_is_told()
    {
        await RunAsync(new RecordingNotifier("mqtt",
            _ => throw new BrokerRefusedException("TLS: the broker is not trusted: it expired.")), 0);

        Assert.Contains("it expired", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_is_told_once_and_so_is_its_end()
    {
        var channel = new RecordingNotifier("mqtt", count => Task.FromResult(
            count <= 3 ? _no : SendAnswer.Delivered("ok")));
        await RunAsync(channel, 0, 6, 18, 36);

        Assert.Equal(2, _log.Lines.Count);
        Assert.StartsWith("Channel mqtt failed (no)", _log.Lines[0], StringComparison.Ordinal);
        Assert.Equal("Channel mqtt delivers again.", _log.Lines[1]);
    }

    [Fact]
    public async Task A_refusal_is_tried_again_every_five_minutes_and_told_once()
    {
        var channel = RecordingNotifier.Always(SendAnswer.Refused("status 410"));
        await RunAsync(channel, 0, 239, 121, 239, 121);

        Assert.Equal(3, channel.Keys.Count);
        Assert.StartsWith("Channel mqtt refuses what is sent (status 410)", Assert.Single(_log.Lines),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_a_channel_throws_the_row_stays_and_only_the_kind_of_fault_is_told()
    {
        var channel = new RecordingNotifier("mqtt",
            _ => throw new InvalidOperationException("https://hooks.example.org/?token=hunter2"));
        await RunAsync(channel, 0);

        Assert.Equal("pending|1", _store.Row("SELECT state, attempts FROM outbox"));
        Assert.Contains("InvalidOperationException", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _log.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_there_is_no_way_out_no_attempt_is_counted()
    {
        var channel = RecordingNotifier.Always(_no);
        channel.IsOpen = false;
        await RunAsync(channel, 0, 600);

        Assert.Equal("pending|0", _store.Row("SELECT state, attempts FROM outbox"));
    }

    [Fact]
    public async Task D13_Quiet_hours_are_asked_when_sending()
    {
        // 21:59:58 in Berlin: the first attempt fails, the second would come in the quiet hours.
        _time.SetUtcNow(new DateTimeOffset(2026, 3, 7, 20, 59, 58, TimeSpan.Zero));
        var channel = RecordingNotifier.Always(_no);
        await RunAsync(channel, 0, 6, 600, 3600);
        Assert.Single(channel.Keys);
        Assert.Equal("pending|1|1772946000000",
            _store.Row("SELECT state, attempts, next FROM outbox"));

        await RunAsync(channel, save: false, 7 * 3600);
        Assert.Equal(2, channel.Keys.Count);
    }

    [Fact]
    public async Task D13_A_mere_change_of_a_window_disturbs_nobody_and_is_not_held()
    {
        _time.SetUtcNow(new DateTimeOffset(2026, 3, 7, 22, 0, 0, TimeSpan.Zero));
        var channel = RecordingNotifier.Always(SendAnswer.Delivered("ok"));
        await SaveAsync(alerts: false);
        await Dispatcher(channel).RoundAsync(_stop);

        Assert.Single(channel.Keys);
    }

    [Fact]
    public async Task A_channel_that_hangs_delays_no_other()
    {
        await SaveAsync(true, OutChannel.Mqtt, new OutChannel("phone"));
        var (began, hangs) = (new TaskCompletionSource(), new TaskCompletionSource<SendAnswer>());
        using var slow = Dispatcher(new RecordingNotifier("phone", _ =>
        {
            began.SetResult();
            return hangs.Task;
        }));
        using var quick = Dispatcher(new RecordingNotifier("mqtt", _ =>
            Task.FromResult(SendAnswer.Delivered("ok"))));

        var waiting = slow.RoundAsync(_stop);
        await began.Task.WaitAsync(_stop);
        await quick.RoundAsync(_stop);

        Assert.False(waiting.IsCompleted);
        Assert.Equal("delivered", _store.Row("SELECT state FROM outbox WHERE channel='mqtt'"));
        hangs.SetResult(_no);
        await waiting;
    }

    [Fact(Timeout = 30_000)]
    public async Task F43_A_stop_that_a_library_calls_a_time_out_is_a_stop_and_the_row_waits()
    {
        await SaveAsync();
        var (began, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var dispatcher = Dispatcher(new RecordingNotifier("mqtt", async _ =>
        {
            began.SetResult();
            await ended.Task;
            throw new TimeoutException();
        }));
        await dispatcher.StartAsync(_stop);
        await began.Task.WaitAsync(TestContext.Current.CancellationToken);

        var stopping = dispatcher.StopAsync(_stop);
        ended.SetResult();
        await stopping;

        Assert.True(dispatcher.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal("sending|1", _store.Row("SELECT state, attempts FROM outbox"));
    }

    public void Dispose() => _store.Dispose();

    Dispatcher Dispatcher(INotifier channel) => new(channel, new Outbox(_store.File, _store.Writer),
        new WearerDirectory([new WearerOptions { Id = "anna", Zone = "Europe/Berlin" }], false),
        new ArrivalClock(_time), new Heartbeats(_time), _time, Options.Create(new NotifyOptions()), _log);

    Task RunAsync(RecordingNotifier channel, params double[] waits) => RunAsync(channel, save: true, waits);

    async Task RunAsync(RecordingNotifier channel, bool save, params double[] waits)
    {
        if (save)
            await SaveAsync();
        var dispatcher = Dispatcher(channel);
        foreach (var wait in waits)
        {
            _time.Advance(TimeSpan.FromSeconds(wait));
            await dispatcher.RoundAsync(_stop);
        }
    }

    Task<int> SaveAsync(bool alerts = true, params OutChannel[] channels)
    {
        var now = Instant.FromDateTimeOffset(_time.GetUtcNow());
        var news = alerts ? News.Raised(now) : News.Opened(now);
        return _store.RunAsync(session =>
        {
            Assessing.Save(session, News.Anna, new AssessedStep
            {
                KnownAt = now,
                Replayed = false,
                Assessment = News.Assessed(news),
            }, channels.Length == 0 ? [OutChannel.Mqtt] : channels);
            return 0;
        });
    }
}
