using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// The door to an external broker: one connection after the other without end, since the broker holds our
/// queue. However one ended, how long to wait before the next is the rule's to say.
/// </summary>
sealed class BrokerLoop(TimeProvider time, Func<IntakeEnd, TimeSpan> waitAfter)
{
    readonly ResiliencePipeline<IntakeEnd> _broker = new ResiliencePipelineBuilder<IntakeEnd>
        {
            Name = "broker", TimeProvider = time,
        }
        // Metrics alone: what there is to say the intake says.
        .ConfigureTelemetry(NullLoggerFactory.Instance)
        .AddRetry(new RetryStrategyOptions<IntakeEnd>
        {
            ShouldHandle = static tried => ValueTask.FromResult(tried.Outcome.Exception is null),
            MaxRetryAttempts = int.MaxValue,
            DelayGenerator =
                tried => ValueTask.FromResult<TimeSpan?>(waitAfter(tried.Outcome.Result)),
        })
        .Build();

    /// <summary>Connects again and again until it is cancelled or a connection throws.</summary>
    public async Task RunAsync(
        Func<CancellationToken, Task<IntakeEnd>> connect, CancellationToken stoppingToken)
    {
        // Where the loop runs its connections run too.
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stoppingToken);
        try
        {
            await _broker.ExecuteAsync(
                static async (context, connect) => await connect(context.CancellationToken),
                context, connect);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
