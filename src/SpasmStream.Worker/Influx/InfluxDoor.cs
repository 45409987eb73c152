using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// The door to InfluxDB: the same bytes again without end while it is away or has to be repaired, so what
/// comes back is one of done, bisect and halve. One request is in flight at a time.
/// </summary>
sealed partial class InfluxDoor
{
    readonly IInfluxLink _link;
    readonly InfluxOptions _options;
    readonly InfluxState _state;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly ResiliencePipeline<SortedAnswer> _store;
    readonly Timings? _timings;
    bool _hasCreated;

    public InfluxDoor(IInfluxLink link, InfluxOptions options, InfluxState state, TimeProvider time,
        ILogger<InfluxDoor> logger, Func<double> random, Timings? timings = null)
    {
        _timings = timings;
        (_link, _options, _state, _time, _logger) = (link, options, state, time, logger);
        Pace = new ForwardPace(options.BatchBytes, random);
        _store = new ResiliencePipelineBuilder<SortedAnswer>
            {
                Name = "store", InstanceName = "influx", TimeProvider = time,
            }
            // Metrics alone: what there is to say is said below.
            .ConfigureTelemetry(NullLoggerFactory.Instance)
            .AddRetry(new RetryStrategyOptions<SortedAnswer>
            {
                ShouldHandle = static tried => ValueTask.FromResult(
                    tried.Outcome is { Exception: null, Result.Step: NextStep.Wait or NextStep.Pause }),
                MaxRetryAttempts = int.MaxValue,
                DelayGenerator = tried => ValueTask.FromResult<TimeSpan?>(Pace.After(tried.Outcome.Result)),
            })
            .Build();
    }

    public ForwardPace Pace { get; }

    /// <summary>Sends a body until InfluxDB has said what it thinks of it.</summary>
    public async Task<SortedAnswer> SendAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var sorted = await TryOnAsync(lines, cancellationToken);
        if (sorted.Step == NextStep.Done)
        {
            (_hasCreated, var before) = (false, _state.Report);
            Pace.Succeeded();
            _state.Succeed(_time.GetUtcNow());
            if (before.Link is InfluxLink.Waiting or InfluxLink.Paused)
                Log.Resumed(_logger);
        }

        return sorted;
    }

    /// <summary>Says that nothing goes on until somebody has repaired something.</summary>
    public void Pause(string reason) => Tell(AnswerSort.Paused(reason));

    // Where the loop runs its tries run too.
    async Task<SortedAnswer> TryOnAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            return await _store.ExecuteAsync(
                static async (context, it) => await it.Door.TryAsync(it.Lines, context.CancellationToken),
                context, (Door: this, Lines: lines));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    async ValueTask<SortedAnswer> TryAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        Failpoint.Hit("before_forward");
        var began = _time.GetTimestamp();
        var sorted = AnswerSort.Of(await _link.WriteAsync(lines, cancellationToken));
        _timings?.Forwarded(_time.GetElapsedTime(began));
        if (sorted.Step == NextStep.Create)
            sorted = await CreateAsync(sorted, cancellationToken) is { } refused
                ? refused : AnswerSort.Of(await _link.WriteAsync(lines, cancellationToken));
        // A database that was made and is not there: whoever repairs it is waited for.
        if (sorted.Step == NextStep.Create)
            sorted = AnswerSort.Paused("the database was made, and is not there");
        if (sorted.Step is NextStep.Wait or NextStep.Pause)
            Tell(sorted);
        return sorted;
    }

    // Once, until something went through: a database that is dropped again and again is somebody's will.
    async Task<SortedAnswer?> CreateAsync(SortedAnswer missing, CancellationToken cancellationToken)
    {
        if (!_options.CreateDatabase)
            return missing with { Step = NextStep.Pause, Reason = missing.Reason
                + " Make it, or set Influx:CreateDatabase to true." };
        if (_hasCreated)
            return missing with { Step = NextStep.Pause };
        _hasCreated = true;
        var made = AnswerSort.Of(await _link.CreateAsync(cancellationToken));
        if (made.Step == NextStep.Done)
            return null;
        _hasCreated = made.Step != NextStep.Wait;
        return made.Step == NextStep.Wait ? made : missing with
        {
            Step = NextStep.Pause,
            Reason = missing.Reason + " We cannot make it: make it there, and let our account write to it.",
        };
    }

    // The first of a kind is told, and what follows is on the page.
    void Tell(SortedAnswer sorted)
    {
        var before = _state.Report;
        var link = sorted.Step == NextStep.Pause ? InfluxLink.Paused : InfluxLink.Waiting;
        var report = new InfluxReport(link, sorted.Reason);
        if (before == report)
            return;
        _state.Report = report;
        if (link == InfluxLink.Paused)
            Log.Paused(_logger, sorted.Reason);
        else
            Log.Waiting(_logger, sorted.Reason);
    }

    static partial class Log
    {
        [LoggerMessage(230, LogLevel.Warning,
            "{Reason} Everything is kept in the store here and sent on when it is back.")]
        public static partial void Waiting(ILogger logger, string reason);

        [LoggerMessage(231, LogLevel.Error, "Nothing is sent on to InfluxDB until somebody repairs this: "
            + "{Reason} Everything is kept in the store here.")]
        public static partial void Paused(ILogger logger, string reason);

        [LoggerMessage(232, LogLevel.Information, "InfluxDB takes what we send again.")]
        public static partial void Resumed(ILogger logger);
    }
}
