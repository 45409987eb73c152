using Microsoft.Extensions.Options;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests;

/// <summary>The corridor over the real store: who is told, and when.</summary>
public sealed class PipelineTests : IDisposable
{
    static readonly WearerId _ada = new("ada");

    readonly TempStore _store = new();
    readonly IntakeOptions _options = new();
    readonly AssessQueue _assess = new();
    readonly CommitSignal _committed = new();
    readonly Heartbeats _beats = new(TimeProvider.System);
    readonly DeliveryQueue _queue;
    readonly Pipeline _pipeline;

    public PipelineTests()
    {
        var options = Options.Create(_options);
        _queue = new DeliveryQueue(options, new ArrivalClock(TimeProvider.System));
        _pipeline = new Pipeline(_queue, new WireDecoder(), new WearerDirectory([], admitsStrangers: true),
            new SqliteJournal(_store.Writer), _assess, _committed, options, _beats);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task D3_When_the_sender_is_told_the_row_is_there_and_then_everybody_else_hears_of_it()
    {
        var news = _committed.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.TryAdd(Now(60) with
        {
            Acknowledge = (_, outcomes) => told.SetResult(
                $"{outcomes[0].Reason}|{_store.Row("SELECT value FROM sample")}|{_queue.Messages} held|"
                    + $"{_assess.Take().Count} heard|{news.IsCompleted}"),
        });

        await _pipeline.StartAsync(Stop);

        Assert.Equal("|60.0|1 held|0 heard|False", await told.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop));
        await news;
        await _assess.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(0, _queue.Messages);
        Assert.Equal([_ada], _assess.Take().Keys);
        await _pipeline.StopAsync(Stop);
    }

    [Fact]
    public async Task D3_Stopping_acknowledges_nothing_that_is_not_committed_and_is_no_fault()
    {
        var acknowledged = false;
        using (_store.LockFile())
        {
            _queue.TryAdd(Now(60) with { Acknowledge = (_, _) => acknowledged = true });
            await _pipeline.StartAsync(Stop);
            // It takes what waits before it first goes round.
            while (!_beats.All.Any())
                await Task.Delay(1, Stop);
            await _pipeline.StopAsync(Stop);
        }

        Assert.False(acknowledged);
        Assert.Equal(TaskStatus.RanToCompletion, _pipeline.ExecuteTask?.Status);
    }

    [Theory]
    [InlineData(false, "too_old")]
    [InlineData(true, null)]
    public async Task B34_Only_a_replay_may_tell_of_what_is_long_past(bool replay, string? reason)
    {
        _options.Replay = replay;
        var told = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.TryAdd(Some.Bpm(0, 60) with
        {
            Payload = """{"v":1,"t":946684800000,"bpm":60}"""u8.ToArray(),
            Acknowledge = (_, outcomes) => told.SetResult(outcomes[0].Reason),
        });

        await _pipeline.StartAsync(Stop);

        Assert.Equal(reason, await told.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop));
        await _pipeline.StopAsync(Stop);
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _assess.Dispose();
        _store.Dispose();
    }

    static Delivery Now(double bpm)
    {
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 1000;
        return Some.Message($$"""{"v":1,"t":{{at}},"bpm":{{bpm}}}""");
    }
}
