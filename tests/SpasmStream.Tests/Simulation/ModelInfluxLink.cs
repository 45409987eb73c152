using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Simulation;

/// <summary>The database as one life of the worker sees it: each request has ten seconds.</summary>
sealed class ModelInfluxLink(World world, ModelInflux influx, Life life) : IInfluxLink
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan AskedMost = TimeSpan.FromSeconds(300);
    static readonly TimeSpan Paused = TimeSpan.FromSeconds(30);

    long _notBefore;
    int _inFlight;

    public async Task<InfluxAnswer> WriteAsync(
        ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        if (life.HasEnded || world.Chaos.Pass(life))
            await new TaskCompletionSource().Task;
        var body = lines.ToArray();
        var isCanary = body.AsSpan().StartsWith("spasmstream_canary "u8);
        world.Scheduler.Note(SimEvent.Write, body.Length, isCanary ? 1 : 0);
        if (!isCanary)
        {
            world.Must(++_inFlight == 1, "two requests of the forwarder are on their way");
            world.Must(world.Scheduler.Now >= _notBefore,
                "I10: a request comes sooner than InfluxDB allows, or than every 30 s while it is paused");
        }

        var answer = await AskAsync<InfluxAnswer>(told => influx.Request(body, told), default,
            cancellationToken);
        if (!isCanary)
            Heed(answer);
        world.Scheduler.Note(SimEvent.Answer, answer.Status);
        return answer;
    }

    public Task<CanaryAnswer> ReadCanaryAsync(long at, CancellationToken cancellationToken) =>
        AskAsync<CanaryAnswer>(told => influx.Look(at, told), CanaryAnswer.Unknown, cancellationToken);

    public Task<InfluxAnswer> CreateAsync(CancellationToken cancellationToken) =>
        AskAsync<InfluxAnswer>(influx.Create, default, cancellationToken);

    void Heed(InfluxAnswer answer)
    {
        _inFlight--;
        if (answer.RetryAfter is { } asked)
            _notBefore = world.Scheduler.Now + (asked < AskedMost ? asked : AskedMost).Ticks;
        else if (answer.Status is 401 or 403 || answer.IsForeign)
            _notBefore = world.Scheduler.Now + Paused.Ticks;
    }

    Task<T> AskAsync<T>(Action<Action<T>> ask, T none, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>();
        ask(told =>
        {
            if (!life.HasEnded && !world.Chaos.Pass(life))
                done.TrySetResult(told);
        });
        world.Scheduler.After(Limit, () =>
        {
            if (!life.HasEnded)
                done.TrySetResult(none);
        });
        cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        return done.Task;
    }
}
