using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using NodaTime;

namespace SpasmStream.Worker.Intake;

/// <summary>Messages in from an external broker: connect, listen, and begin again, from one loop.</summary>
sealed partial class MqttIntake(
    IOptions<MqttOptions> options, OpenLink open, DeliveryQueue queue, SessionBook book, IntakeState state,
    Heartbeats heartbeats, TimeProvider time, ILogger<MqttIntake> logger,
    Random random)
    : BackgroundService
{
    const string Loop = "intake";
    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    // A broker that fell goes on from what it had saved last: Mosquitto saves every half hour.
    static readonly Duration Forgotten = Duration.FromHours(1);

    readonly ReconnectRule _rule = new(time, random);
    int _keepAliveSeconds = options.Value.KeepAliveSeconds;
    int _unreached;
    bool _flapping;
    // When the last link stood that the broker sent something new over.
    Instant? _stood;

    /// <summary>How soon it is noticed that a connection has ended, or a tap is open again.</summary>
    internal TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>The loop: however an attempt ended, the next one begins, and the rule says when.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await new BrokerLoop(time, Wait).RunAsync(ConnectOnceAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping between two attempts.
        }

        await Task.WhenAny(book.Written, Task.Delay(LastWords, time, CancellationToken.None));
    }

    TimeSpan Wait(IntakeEnd end)
    {
        var wait = _rule.After(end);
        if (_rule.IsFlapping)
        {
            if (!_flapping)
                Log.Flapping(logger, (int)wait.TotalSeconds);
            state.Report = new IntakeReport(IntakeLink.Flapping, state.Report.Reason is { Length: > 0 } reason
                ? reason : "Does another worker use the same Mqtt:ClientId?");
        }

        _flapping = _rule.IsFlapping;
        heartbeats.Beat(Loop, wait);
        return wait;
    }

    async Task<IntakeEnd> ConnectOnceAsync(CancellationToken stoppingToken)
    {
        book.Begin();
        _stood ??= book.Stood;
        using var connection = new IntakeConnection(
            options.Value.FiltersInUse(), _keepAliveSeconds, open, queue, LookEvery, time)
        {
            RepeatsFrom = RepeatsFrom(),
        };
        var listened = false;
        try
        {
            // Behind a closed tap not even the broker's welcome would be read.
            await heartbeats.WaitAsync(Loop, RoomAsync(stoppingToken));
            _rule.Begin();
            var opening = connection.OpenAsync(book, stoppingToken);
            if (await heartbeats.WaitAsync(Loop, opening) is { } failed)
                return Failed(connection, failed);
            listened = true;
            _unreached = 0;
            Log.Listening(logger, connection.SessionPresent);
            if (connection.Refusal.Length > 0)
                Log.Denied(logger, connection.Refusal);
            await connection.ListenAsync(() => Look(connection), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is not acknowledged comes again.
        }
        // Whatever the network or the library throws, the answer is the same: try again.
        catch (Exception fault) when (fault is not SqliteException)
        {
            if (!listened)
                return Unanswered(connection, fault);
        }
        finally
        {
            if (listened)
                Ended(stoppingToken.IsCancellationRequested ? TimeSpan.Zero : connection.Silence);
            if (connection.IsPastRepeats)
                _stood = book.Stood;
            await connection.CloseAsync();
        }

        if (!stoppingToken.IsCancellationRequested)
            Log.Lost(logger);
        return IntakeEnd.Lost;
    }

    // Keys are kept by the machine's clock, and ours may be ahead of it.
    Instant RepeatsFrom() => _stood is { } stood
        ? Instant.Min(stood, Instant.FromDateTimeOffset(time.GetUtcNow())) - Forgotten : Instant.MinValue;

    async Task RoomAsync(CancellationToken stoppingToken)
    {
        for (var room = queue.WaitForRoomAsync(); !room.IsCompleted;)
            await Task.Delay(LookEvery, time, stoppingToken);
    }

    void Look(IntakeConnection connection)
    {
        heartbeats.Beat(Loop);
        book.Seen(connection.Silence, ended: false);
        state.Report = new IntakeReport(IntakeLink.Connected,
            connection.Refusal.Length == 0 ? "" : $"It denies a {connection.Refusal}.");
    }

    void Ended(TimeSpan silence)
    {
        state.Report = new IntakeReport(IntakeLink.Connecting);
        book.Seen(silence, ended: true);
    }

    IntakeEnd Failed(IntakeConnection connection, IntakeEnd end)
    {
        if (end == IntakeEnd.KeepAlive)
        {
            _keepAliveSeconds = connection.KeepAliveSeconds;
            Log.KeepAlive(logger, _keepAliveSeconds);
            return end;
        }

        Log.Refused(logger, connection.Refusal.TrimEnd('.'));
        state.Report = new IntakeReport(IntakeLink.Refused, connection.Refusal);
        return end;
    }

    IntakeEnd Unanswered(IntakeConnection connection, Exception fault)
    {
        if (connection.Reached)
        {
            Log.Cut(logger, fault.GetType().Name, connection.Hint);
            state.Report = new IntakeReport(IntakeLink.Connecting, connection.Hint);
            return IntakeEnd.Cut;
        }

        if (_unreached++ % 20 == 0)
            Log.Unreachable(logger, fault.GetType().Name);
        state.Report = new IntakeReport(IntakeLink.Unreachable);
        return IntakeEnd.Unreached;
    }

    static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information,
            "Listening to the broker; it had kept our session: {Kept}.")]
        public static partial void Listening(ILogger logger, bool kept);

        [LoggerMessage(101, LogLevel.Warning,
            "The broker refuses us: {Reason}. Check the section Mqtt of the configuration.")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(102, LogLevel.Warning, "The broker cannot be reached ({Fault}); trying again.")]
        public static partial void Unreachable(ILogger logger, string fault);

        [LoggerMessage(103, LogLevel.Warning, "The connection to the broker ended; connecting again.")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(104, LogLevel.Warning,
            "The connection to the broker ended before we were subscribed ({Fault}); connecting again. "
            + "{Hint}")]
        public static partial void Cut(ILogger logger, string fault, string hint);

        [LoggerMessage(105, LogLevel.Warning,
            "Connections to the broker come and go (flapping); the next one in {Seconds} s. "
            + "Does another worker use the same Mqtt:ClientId?")]
        public static partial void Flapping(ILogger logger, int seconds);

        [LoggerMessage(106, LogLevel.Information,
            "The broker wants a sign of life every {Seconds} s; connecting again with that.")]
        public static partial void KeepAlive(ILogger logger, int seconds);

        [LoggerMessage(107, LogLevel.Warning,
            "The broker denies a {Reason}; asking again every 60 s. The other filters are listened to.")]
        public static partial void Denied(ILogger logger, string reason);
    }
}
