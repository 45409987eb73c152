using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Notify;

/// <summary>The real way out to a receiver, over the real store, with time by hand.</summary>
sealed class Hook : IDisposable
{
    readonly TempFolder _folder = new();
    readonly StoreWriter _writer;
    readonly WebhookNotifier _notifier;
    readonly Dispatcher _dispatcher;

    public Hook(WebhookReceiver receiver, FakeTimeProvider time, string? host = null)
    {
        Time = time;
        var file = new StoreFile(_folder.Path);
        _writer = new StoreWriter(file, new StoreOptions(), time);
        var options = new WebhookOptions
        {
            Url = receiver.Url.Replace("127.0.0.1", host ?? "127.0.0.1", StringComparison.Ordinal),
            Secret = WebhookReceiver.Secret,
            AllowedHosts = { host ?? "127.0.0.1" },
        };
        var wearers = new WearerDirectory([new WearerOptions
        {
            Id = "ada",
            Zone = "Europe/Berlin",
            QuietFrom = TimeOnly.MinValue,
            QuietUntil = TimeOnly.MinValue,
        }], admitsStrangers: false);
        _notifier = new WebhookNotifier(options, wearers, time,
            (_, _) => Task.FromResult<System.Net.IPAddress[]>([System.Net.IPAddress.Loopback]));
        _dispatcher = new Dispatcher(_notifier, new Outbox(file, _writer), wearers, new ArrivalClock(time),
            new Heartbeats(time), time, Options.Create(new NotifyOptions()), NullLogger<Dispatcher>.Instance);
        File = file;
    }

    public FakeTimeProvider Time { get; }

    StoreFile File { get; }

    public Instant Now => Instant.FromDateTimeOffset(Time.GetUtcNow());

    public Task<int> RaiseAsync() => SomeAlert.SaveAsync(_writer, "ada", Now, new OutChannel("webhook"));

    /// <summary>Waits, by hand, and sends what is due.</summary>
    public Task RoundAsync(double seconds = 0)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return _dispatcher.RoundAsync(TestContext.Current.CancellationToken);
    }

    public Task<SendAnswer> TestAsync() =>
        _notifier.TestAsync("k", Now, TestContext.Current.CancellationToken);

    public string Row(string columns)
    {
        using var reader = File.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = $"SELECT {columns} FROM outbox";
        return command.ExecuteScalar()!.ToString()!;
    }

    public void Dispose()
    {
        _notifier.Dispose();
        _dispatcher.Dispose();
        _writer.Dispose();
        _folder.Dispose();
    }
}
