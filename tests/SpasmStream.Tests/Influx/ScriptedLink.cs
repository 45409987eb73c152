using System.Text;
using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>An InfluxDB that answers as a test says, and remembers what it was sent and when.</summary>
sealed class ScriptedLink(TimeProvider time, Func<string[], int, InfluxAnswer> answer) : IInfluxLink
{
    readonly Lock _gate = new();
    readonly List<(DateTimeOffset At, string Body)> _requests = [];

    public List<(DateTimeOffset At, string Body)> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    public int Created { get; private set; }

    public InfluxAnswer Making { get; set; } = new(200);

    public CanaryAnswer Canary { get; set; } = CanaryAnswer.Found;

    public Task<InfluxAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetString(lines.Span);
        lock (_gate)
            _requests.Add((time.GetUtcNow(), body));
        return Task.FromResult(answer(body.TrimEnd('\n').Split('\n'), Requests.Count));
    }

    public Task<CanaryAnswer> ReadCanaryAsync(long at, CancellationToken cancellationToken) =>
        Task.FromResult(Canary);

    public Task<InfluxAnswer> CreateAsync(CancellationToken cancellationToken)
    {
        Created++;
        return Task.FromResult(Making);
    }
}
