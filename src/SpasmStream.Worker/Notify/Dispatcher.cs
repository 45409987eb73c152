using Microsoft.Extensions.Options;
using NodaTime;
using Polly;
using Polly.Timeout;
using SpasmStream.Core.Alerting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Takes the outbox to one channel: what is due is sent until it is delivered or has expired. Each channel
/// has a dispatcher of its own, so one that hangs delays no other.
/// </summary>
sealed partial class Dispatcher(
    INotifier notifier, Outbox outbox, WearerDirectory wearers, ArrivalClock clock, Heartbeats heartbeats,
    TimeProvider time, IOptions<NotifyOptions> options, ILogger<Dispatcher> logger) : BackgroundService
{
    readonly string _loop = "notify " + notifier.Channel;
    readonly ResiliencePipeline _door = NotifyDoor.Build(notifier.Channel, time);
    Sending _last = Sending.Delivered;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var poll = TimeSpan.FromSeconds(options.Value.PollSeconds);
        using var timer = new PeriodicTimer(poll, time);
        try
        {
            await heartbeats.WaitAsync(_loop, outbox.ReleaseAsync(notifier.Channel, stoppingToken));
            do
            {
                await RoundAsync(stoppingToken);
                heartbeats.Beat(_loop, poll);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what was being sent is due again at the next start, with the same key.
        }
    }

    /// <summary>Sends everything that is due now, once.</summary>
    public async Task RoundAsync(CancellationToken stoppingToken)
    {
        if (!notifier.IsOpen)
            return;
        foreach (var row in outbox.Due(notifier.Channel, clock.Now()))
        {
            var now = clock.Now();
            // Rows before this one may have taken their time.
            if (now >= row.Expires)
                continue;
            if (HeldUntil(row, now) is { } later)
                await WrittenAsync(outbox.RetryAsync(row, later, stoppingToken));
            else
                await SendAsync(row, now, stoppingToken);
        }
    }

    // Quiet hours are asked when sending: an alert that fails at ten to ten is not tried again at ten.
    Instant? HeldUntil(OutboxRow row, Instant now) =>
        row.Announcement.Alert is not null
        && Alert.AfterQuiet(now, wearers.ProfileOf(row.Wearer)) is var end && end > now ? end : null;

    async Task SendAsync(OutboxRow row, Instant now, CancellationToken stoppingToken)
    {
        await WrittenAsync(outbox.ClaimAsync(row, now, stoppingToken));
        var answer = await AskAsync(row, stoppingToken);
        Tell(answer);
        Failpoint.Hit("after_send_before_mark");
        now = clock.Now();
        if (answer.Sending == Sending.Delivered)
            await WrittenAsync(outbox.DeliveredAsync(row, now, answer.Detail, stoppingToken));
        else
            await WrittenAsync(outbox.RetryAsync(row,
                now + RetryTable.Wait(row.Attempts, answer, Random.Shared.NextDouble()), stoppingToken));
    }

    // The disk may take its time; a receiver has a limit of its own, and between two writes we beat.
    Task WrittenAsync(Task write) => heartbeats.WaitAsync(_loop, write);

    async Task<SendAnswer> AskAsync(OutboxRow row, CancellationToken stoppingToken)
    {
        try
        {
            return await _door.ExecuteAsync(
                async token => await notifier.SendAsync(row, token), stoppingToken);
        }
        catch (TimeoutRejectedException)
        {
            return SendAnswer.Failed($"no end within {NotifyDoor.Limit.TotalSeconds} s");
        }
        // In words that name the reason: a certificate that is not trusted, say.
        catch (BrokerRefusedException fault)
        {
            return SendAnswer.Failed(fault.Message);
        }
        // Whatever the network or a library throws, the row stays, and the answer is the same: again later.
        catch (Exception fault)
        {
            // A library may tell in words of its own that we are stopping.
            stoppingToken.ThrowIfCancellationRequested();
            return SendAnswer.Failed(fault.GetType().Name);
        }
    }

    // The first of a kind is told; then it is quiet until things change.
    void Tell(SendAnswer answer)
    {
        if (answer.Sending == _last)
            return;
        _last = answer.Sending;
        if (answer.Sending == Sending.Delivered)
            Log.Delivers(logger, notifier.Channel);
        else if (answer.Sending == Sending.Refused)
            Log.Refused(logger, notifier.Channel, answer.Detail);
        else
            Log.Failed(logger, notifier.Channel, answer.Detail);
    }

    static partial class Log
    {
        [LoggerMessage(402, LogLevel.Warning,
            "Channel {Channel} failed ({Why}); what waits for it is tried again until it expires.")]
        public static partial void Failed(ILogger logger, string channel, string why);

        [LoggerMessage(403, LogLevel.Warning,
            "Channel {Channel} refuses what is sent ({Why}); check its settings with notify test. "
            + "It is tried again every five minutes until it expires.")]
        public static partial void Refused(ILogger logger, string channel, string why);

        [LoggerMessage(404, LogLevel.Information, "Channel {Channel} delivers again.")]
        public static partial void Delivers(ILogger logger, string channel);
    }
}
