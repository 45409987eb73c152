using Microsoft.Extensions.Options;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Publishes the present risk of every wearer, retained, and takes the outbox to the broker: a row is
/// delivered when the broker has acknowledged it, tried again when not, and expired when it is no longer
/// news.
/// </summary>
sealed partial class MqttNotifier(
    OutTarget target, Outbox outbox, StoreFile file, ArrivalClock clock, IOptions<NotifyOptions> options,
    ILogger<MqttNotifier> logger) : BackgroundService
{
    static readonly int[] RetrySeconds = [5, 15, 30, 60, 120, 300];

    readonly Dictionary<WearerId, Instant> _published = [];
    long _newest = -1;
    int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var connection = new OutConnection(target);
            try
            {
                if (await connection.OpenAsync(stoppingToken))
                    await ServeAsync(connection, stoppingToken);
                else
                    Log.Refused(logger);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping: rows that are pending stay so.
            }
            // Whatever the network or the library throws, the rows stay and the answer is the same: try
            // again.
            catch (Exception fault) when (fault is not Microsoft.Data.Sqlite.SqliteException)
            {
                // Our own broker opens a moment after us: one failure is no news.
                if (++_failures == 3)
                    Log.Broken(logger, fault.GetType().Name);
            }

            await connection.CloseAsync();
            await PauseAsync(1, stoppingToken);
        }
    }

    async Task ServeAsync(OutConnection connection, CancellationToken stoppingToken)
    {
        // The broker may have lost what it retained for us.
        _published.Clear();
        _newest = -1;
        _failures = 0;
        while (connection.IsOpen && !stoppingToken.IsCancellationRequested)
        {
            await PublishRiskAsync(connection, stoppingToken);
            foreach (var row in outbox.Due("mqtt", clock.Now()))
                await SendAsync(connection, row, stoppingToken);
            await PauseAsync(options.Value.PollSeconds, stoppingToken);
        }
    }

    async Task PublishRiskAsync(OutConnection connection, CancellationToken stoppingToken)
    {
        var newest = LatestForecasts.NewestId(file);
        if (newest == _newest)
            return;
        var all = true;
        foreach (var (wearer, forecast) in LatestForecasts.Load(file))
            if (!_published.TryGetValue(wearer, out var issued) || issued < forecast.Issued)
                if (await connection.PublishAsync(Topic(wearer, "risk"), RiskMessage.Risk(forecast),
                        retain: true, stoppingToken))
                    _published[wearer] = forecast.Issued;
                else
                    all = false;
        _newest = all ? newest : -1;
    }

    async Task SendAsync(OutConnection connection, OutboxRow row, CancellationToken stoppingToken)
    {
        var now = clock.Now();
        if (now >= row.Expires)
            await outbox.ExpiredAsync(row, now, stoppingToken);
        else if (await connection.PublishAsync(Topic(row.Wearer, "event"),
        RiskMessage.Event(row.Announcement),
                retain: false, stoppingToken))
            await outbox.DeliveredAsync(row, clock.Now(), stoppingToken);
        else
            await outbox.RetryAsync(row, now + Wait(row.Attempts), stoppingToken);
    }

    static Duration Wait(int attempts) => Duration.FromSeconds(
        RetrySeconds[Math.Min(attempts, RetrySeconds.Length - 1)] * (0.8 + 0.4 * Random.Shared.NextDouble()));

    static string Topic(WearerId wearer, string leaf) => $"spasmstream/v1/out/{wearer}/{leaf}";

    static async Task PauseAsync(int seconds, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        try
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    static partial class Log
    {
        [LoggerMessage(400, LogLevel.Warning,
            "The broker refuses what goes out; check its rights for spasmstream/v1/out/#.")]
        public static partial void Refused(ILogger logger);

        [LoggerMessage(401, LogLevel.Warning, "What goes out waits: the connection failed ({Fault}).")]
        public static partial void Broken(ILogger logger, string fault);
    }
}
