using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>The door to an external broker alone, in this process and in fake time.</summary>
sealed class IntakeRig : IAsyncDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    readonly TempFolder _folder = new();
    readonly StoreWriter _writer;
    readonly ArrivalClock _clock;
    MqttIntake? _intake;

    public IntakeRig(int port)
    {
        Options = new MqttOptions { Host = "127.0.0.1", Port = port };
        File = new StoreFile(_folder.Path);
        _writer = new StoreWriter(File, new StoreOptions { Directory = _folder.Path }, TimeProvider.System);
        _clock = new ArrivalClock(Time);
    }

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public MqttOptions Options { get; }

    /// <summary>What may wait for its commit; read at the start.</summary>
    public IntakeOptions Waiting { get; } = new();

    /// <summary>What came in: no corridor empties it but the test.</summary>
    public DeliveryQueue Queue { get; private set; } = null!;

    public StoreFile File { get; }

    public IntakeState State { get; private set; } = new();

    public string Write(string name, string text) => _folder.Write(name, text);

    public string At(string name) => _folder.At(name);

    /// <summary>Starts it, again with the same file and the options as they are now.</summary>
    public async Task StartAsync()
    {
        await StopAsync();
        State = new IntakeState();
        var intake = Microsoft.Extensions.Options.Options.Create(Waiting);
        Queue = new DeliveryQueue(intake, _clock);
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        var open = MqttLink.Opening(options, Queue, new Reception(intake), Time);
        _intake = new MqttIntake(options, open, Queue,
            SessionBook.In(File, _writer, options, _clock), State, new Heartbeats(Time), Time,
            NullLogger<MqttIntake>.Instance, Random.Shared);
        await _intake.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_intake is null)
            return;
        // Its last second is fake time too.
        await During(_intake.StopAsync(CancellationToken.None));
        _intake.Dispose();
        _intake = null;
    }

    /// <summary>Lets fake time run until it is so.</summary>
    public async Task UntilAsync(Func<bool> so, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!so())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < _patience,
                $"Waited in vain: {what}. The link: {State.Report}");
            Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    public Task UntilConnectedAsync() => UntilAsync(() => State.Listening, "connected");

    /// <summary>The reason why it is refused.</summary>
    public async Task<string> RefusalAsync()
    {
        await UntilAsync(() => State.Report.Link == IntakeLink.Refused, "refused");
        return State.Report.Reason;
    }

    /// <summary>Lets fake time run until something has happened.</summary>
    public async Task<T> During<T>(Task<T> happening)
    {
        await During((Task)happening);
        return await happening;
    }

    public async Task During(Task happening)
    {
        await UntilAsync(() => happening.IsCompleted, "what was waited for");
        await happening;
    }

    /// <summary>The rows of a query, columns joined by bars, once there are so many.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql, int count)
    {
        List<string> rows = [];
        await UntilAsync(() => (rows = Rows(sql)).Count == count, $"{count} rows of {sql}");
        return rows;
    }

    public List<string> Rows(string sql)
    {
        using var reader = File.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.GetValue(i))));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _writer.Dispose();
        _folder.Dispose();
    }
}
