using Microsoft.Extensions.Options;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Keeps a connection to the broker, on which the present risk of every wearer is published, retained, and
/// by which announcements go out: one is delivered when the broker has acknowledged it.
/// </summary>
sealed partial class MqttNotifier(
    OutTarget target, StoreFile file, IOptions<NotifyOptions> options, Heartbeats heartbeats,
    TimeProvider time, ILogger<MqttNotifier> logger) : BackgroundService, INotifier
{
    const string Loop = "out";
    const string Receipt = "puback", NotAcknowledged = "the broker refused it";

    readonly Dictionary<WearerId, Instant> _published = [];
    long _newest = -1;
    int _failures;

    // Set while a connection is served; read by the dispatcher's loop.
    OutConnection? _served;

    public string Channel => OutChannel.Mqtt.Name;

    public bool IsOpen => Volatile.Read(ref _served) is { IsOpen: true };

    public async Task<SendAnswer> SendAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _served) is not { } connection)
            return SendAnswer.Failed("no connection");
        return Answer(await connection.PublishAsync(Topic(row.Wearer, "event"),
            RiskMessage.Event(row.Announcement), retain: false, cancellationToken));
    }

    /// <summary>
    /// On a connection of its own, which says nothing of the worker: that may run meanwhile.
    /// </summary>
    public async Task<SendAnswer> TestAsync(string key, Instant now, CancellationToken cancellationToken)
    {
        using var connection = new OutConnection(
            target with { ClientId = target.ClientId + "-test", TellsStatus = false });
        if (!await connection.OpenAsync(cancellationToken))
            return SendAnswer.Refused("the broker refused the connection");
        var answer = Answer(await connection.PublishAsync(
            "spasmstream/v1/out/worker/test", RiskMessage.Test(key, now), retain: false, cancellationToken));
        await connection.CloseAsync();
        return answer;
    }

    /// <summary>What is retained while nobody is connected: that we are not, and the present risks.</summary>
    public static IEnumerable<(string Topic, byte[] Payload)> Retained(StoreFile file) =>
        LatestForecasts.Load(file)
            .Select(it => (Topic(it.Wearer, "risk"), RiskMessage.Risk(it.Forecast)))
            .Prepend((OutConnection.Status, "offline"u8.ToArray()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var connection = new OutConnection(target);
            try
            {
                if (await heartbeats.WaitAsync(Loop, connection.OpenAsync(stoppingToken)))
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
                    Log.Broken(logger, fault is BrokerRefusedException
                        ? fault.Message.TrimEnd('.') : fault.GetType().Name);
            }
            finally
            {
                Volatile.Write(ref _served, null);
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
            // Only now: what is retained is there when the first event comes.
            Volatile.Write(ref _served, connection);
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
                if (await heartbeats.WaitAsync(Loop, connection.PublishAsync(Topic(wearer, "risk"),
                        RiskMessage.Risk(forecast), retain: true, stoppingToken)))
                    _published[wearer] = forecast.Issued;
                else
                    all = false;
        _newest = all ? newest : -1;
    }

    static SendAnswer Answer(bool isAcknowledged) =>
        isAcknowledged ? SendAnswer.Delivered(Receipt) : SendAnswer.Failed(NotAcknowledged);

    static string Topic(WearerId wearer, string leaf) => $"spasmstream/v1/out/{wearer}/{leaf}";

    async Task PauseAsync(int seconds, CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromSeconds(seconds);
        heartbeats.Beat(Loop, pause);
        using var timer = new PeriodicTimer(pause, time);
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
