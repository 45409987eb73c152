using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace SpasmStream.Worker.Intake;

/// <summary>Messages in from an external broker: connect, listen, and begin again, from one loop.</summary>
sealed partial class MqttIntake(
    IOptions<MqttOptions> options, DeliveryQueue queue, Reception reception, IntakeState state,
    TimeProvider time, ILogger<MqttIntake> logger) : BackgroundService
{
    // Flapping counts only connections that never reached SUBACK.
    int _unreached;

    static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(10);
    static readonly TimeSpan ShortLifePause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var door = Door();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
                await door.ExecuteAsync(async token => await ConnectOnceAsync(token), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping between two attempts.
        }
    }

    ResiliencePipeline<IntakeEnd> Door() =>
        new ResiliencePipelineBuilder<IntakeEnd> { Name = "broker", TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<IntakeEnd>
        {
            ShouldHandle = new PredicateBuilder<IntakeEnd>().HandleResult(end => end != IntakeEnd.Lost),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(0.5),
            MaxDelay = TimeSpan.FromSeconds(4),
            DelayGenerator = attempt => ValueTask.FromResult<TimeSpan?>(attempt.Outcome.Result switch
            {
                // A wrong password does not become right by asking often.
                IntakeEnd.Refused => TimeSpan.FromSeconds(Math.Min(300, 30 * (attempt.AttemptNumber + 1))),
                _ => _unreached > 60 ? TimeSpan.FromSeconds(30) : null,
            }),
        })
        .Build();

    async ValueTask<IntakeEnd> ConnectOnceAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        using var connection = new IntakeConnection(options.Value, queue, reception);
        try
        {
            // Behind a closed tap not even the broker's welcome would be read.
            await queue.WaitForRoomAsync().WaitAsync(stoppingToken);
            if (await connection.OpenAsync(stoppingToken) is { } failed)
            {
                Log.Refused(logger, connection.Refusal);
                _unreached++;
                return failed;
            }

            _unreached = 0;
            state.Listening = true;
            Log.Listening(logger, connection.SessionPresent);
            await connection.ListenAsync(time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is not acknowledged comes again.
        }
        // Whatever the network or the library throws, the answer is the same: try again.
        catch (Exception fault)
        {
            if (_unreached++ % 20 == 0)
                Log.Unreachable(logger, fault.GetType().Name);
            return IntakeEnd.Unreached;
        }
        finally
        {
            state.Listening = false;
            await connection.CloseAsync();
        }

        if (stoppingToken.IsCancellationRequested)
            return IntakeEnd.Lost;
        Log.Lost(logger);
        // Two workers with one client id throw each other out; without a pause, thousands of times a second.
        if (time.GetElapsedTime(began) < ShortLife)
            await Task.Delay(ShortLifePause, time, stoppingToken);
        return IntakeEnd.Lost;
    }

    static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information,
            "Listening to the broker; it had kept our session: {Kept}.")]
        public static partial void Listening(ILogger logger, bool kept);

        [LoggerMessage(101, LogLevel.Warning,
            "The broker refuses us: {Reason}. Check Mqtt:User, Mqtt:Password and Mqtt:ClientId.")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(102, LogLevel.Warning, "The broker cannot be reached ({Fault}); trying again.")]
        public static partial void Unreachable(ILogger logger, string fault);

        [LoggerMessage(103, LogLevel.Warning, "The connection to the broker ended; connecting again.")]
        public static partial void Lost(ILogger logger);
    }
}
