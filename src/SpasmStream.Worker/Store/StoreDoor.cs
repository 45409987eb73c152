using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Retries a commit without end while the file is full, busy or unreachable: the senders wait unacknowledged
/// and keep what they have. Anything else is a fault of ours and ends the process.
/// </summary>
static partial class StoreDoor
{
    const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Full = 13, CannotOpen = 14;

    public static ResiliencePipeline Build(TimeProvider time, ILogger logger) =>
        new ResiliencePipelineBuilder { Name = "store", InstanceName = "sqlite", TimeProvider = time }
            // Metrics alone: what there is to say is said below.
            .ConfigureTelemetry(NullLoggerFactory.Instance)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<SqliteException>(IsPassing),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(5),
                OnRetry = attempt =>
                {
                    var code = (attempt.Outcome.Exception as SqliteException)?.SqliteErrorCode ?? 0;
                    Log.Waiting(logger, code, attempt.AttemptNumber + 1);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>Whether the same commit may succeed later.</summary>
    public static bool IsPassing(SqliteException fault) =>
        fault.SqliteErrorCode is Busy or Locked or ReadOnly or InputOutput or Full or CannotOpen;

    static partial class Log
    {
        [LoggerMessage(200, LogLevel.Warning,
            "The store cannot commit (SQLite error {Code}); nothing is acknowledged until it can. "
            + "Attempt {Attempt}. Free space on its disk or end the program that locks it.")]
        public static partial void Waiting(ILogger logger, int code, int attempt);
    }
}
