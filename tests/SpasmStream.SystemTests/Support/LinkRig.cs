using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>
/// The way from an external broker into a real file, in this process: door, corridor and store. The door may
/// run by another clock, so that a hundred reconnections take no hundred pauses.
/// </summary>
sealed class LinkRig : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly MqttOptions _options;
    readonly TimeProvider _time;
    readonly ArrivalClock _clock;
    readonly StoreWriter _writer;
    readonly DeliveryQueue _queue;
    readonly Pipeline _pipeline;
    readonly AssessQueue _assess = new();
    readonly CommitSignal _committed = new();
    readonly IOptions<IntakeOptions> _intakeOptions = Options.Create(new IntakeOptions());
    MqttIntake? _intake;

    LinkRig(int port, TimeProvider time)
    {
        _options = new MqttOptions { Host = "127.0.0.1", Port = port };
        _time = time;
        _clock = new ArrivalClock(time);
        File = new StoreFile(_folder.Path);
        _writer = new StoreWriter(File, new StoreOptions { Directory = _folder.Path }, TimeProvider.System);
        _queue = new DeliveryQueue(_intakeOptions, _clock);
        _pipeline = new Pipeline(_queue, new WireDecoder(),
            new WearerDirectory([], admitsStrangers: true, "Europe/Berlin"), new SqliteJournal(_writer),
            _assess, _committed, _intakeOptions, new Heartbeats(time));
    }

    public StoreFile File { get; }

    public IntakeState State { get; private set; } = new();

    public static async Task<LinkRig> StartAsync(int port, TimeProvider time)
    {
        var rig = new LinkRig(port, time);
        await rig._pipeline.StartAsync(CancellationToken.None);
        await rig.ConnectAsync();
        return rig;
    }

    /// <summary>A door of its own, with no memory of how earlier connections ended.</summary>
    public async Task ConnectAsync()
    {
        await StopAsync();
        State = new IntakeState();
        var options = Options.Create(_options);
        _intake = new MqttIntake(options,
            MqttLink.Opening(options, _queue, new Reception(_intakeOptions), _time), _queue,
            SessionBook.In(File, _writer, options, _clock), State, new Heartbeats(_time), _time,
            NullLogger<MqttIntake>.Instance, Random.Shared);
        await _intake.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_intake is null)
            return;
        await _intake.StopAsync(CancellationToken.None);
        AssertRunning();
        _intake.Dispose();
        _intake = null;
    }

    /// <summary>Neither the door nor the corridor has ended in a fault.</summary>
    public void AssertRunning()
    {
        Assert.Null(_intake?.ExecuteTask?.Exception);
        Assert.Null(_pipeline.ExecuteTask?.Exception);
    }

    public async Task UntilAsync(Func<bool> so, string what, TimeSpan? within = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!so())
        {
            AssertRunning();
            Assert.True(TimeProvider.System.GetElapsedTime(began) < (within ?? TimeSpan.FromSeconds(60)),
                $"Waited in vain: {what}. The link: {State.Report}");
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _pipeline.StopAsync(CancellationToken.None);
        _pipeline.Dispose();
        _assess.Dispose();
        _writer.Dispose();
        _folder.Dispose();
    }
}
