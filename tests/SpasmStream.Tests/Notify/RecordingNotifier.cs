using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Notify;

/// <summary>A channel that answers as it is told and remembers what it was given.</summary>
sealed class RecordingNotifier(string channel, Func<int, Task<SendAnswer>> answer) : INotifier
{
    public List<string> Keys { get; } = [];

    public string Channel => channel;

    public bool IsOpen { get; set; } = true;

    public static RecordingNotifier Always(SendAnswer answer) =>
        new("mqtt", _ => Task.FromResult(answer));

    public Task<SendAnswer> SendAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        Keys.Add(row.Key);
        return answer(Keys.Count).WaitAsync(cancellationToken);
    }

    public Task<SendAnswer> TestAsync(string key, Instant now, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
