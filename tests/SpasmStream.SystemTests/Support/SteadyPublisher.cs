using System.Net.Sockets;
using System.Text;

namespace SpasmStream.SystemTests.Support;

/// <summary>
/// A device that publishes at a rate at QoS 1 and gives nothing up: what was not acknowledged is sent again
/// in its order, marked as sent before, on the next connection.
/// </summary>
sealed class SteadyPublisher : IAsyncDisposable
{
    const int Window = 100;
    static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly int _port;
    readonly SetFull _book;
    readonly int _perSecond;
    readonly byte[] _connect;
    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _giveUp = new();

    // Sent by one task, answered by another: guarded by _gate. Oldest first.
    readonly Lock _gate = new();
    readonly List<(int PacketId, long Id)> _open = [];
    int _packetId;
    int _sent;
    readonly Task _running;

    SteadyPublisher(int port, SetFull book, int perSecond, string client, (string, string)? account)
    {
        (_port, _book, _perSecond) = (port, book, perSecond);
        _connect = RawMqtt.Connect(client, account?.Item1, account?.Item2, expiry: 3600, clean: false);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Connections made so far.</summary>
    public int Connections { get; private set; }

    public static SteadyPublisher Start(
        int port, SetFull book, int perSecond, string client = "device",
        (string User, string Password)? account = null) => new(port, book, perSecond, client, account);

    /// <summary>No new ids; done when all that were sent are answered.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(_patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _giveUp.CancelAsync();
        await _running;
        _stop.Dispose();
        _giveUp.Dispose();
    }

    bool IsDone
    {
        get
        {
            lock (_gate)
                return _giveUp.IsCancellationRequested || (_stop.IsCancellationRequested && _open.Count == 0);
        }
    }

    async Task RunAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!IsDone)
            try
            {
                using var link = await RawMqtt.OpenAsync(_port);
                await link.SendAsync(_connect);
                if (await link.ReadAsync() is not { Type: RawMqtt.ConnackType, Body: [_, 0, ..] })
                    continue;
                Connections++;
                await PublishAsync(link, began);
            }
            catch (Exception fault) when (fault is IOException or SocketException
                or OperationCanceledException)
            {
                // Nobody there just now: again in a moment.
                await Task.Delay(_tick * 5);
            }
    }

    async Task PublishAsync(RawMqtt link, long began)
    {
        List<(int PacketId, long Id)> again;
        lock (_gate)
            again = [.. _open];
        var reading = ReadAsync(link);
        foreach (var (packetId, id) in again)
            await link.SendAsync(Bytes(packetId, id, dup: true));
        using var timer = new PeriodicTimer(_tick);
        while (!IsDone && !reading.IsCompleted)
        {
            var due = TimeProvider.System.GetElapsedTime(began).TotalSeconds * _perSecond;
            while (!_stop.IsCancellationRequested && _sent < due && Take() is (var packetId, var id))
                await link.SendAsync(Bytes(packetId, id, dup: false));
            await timer.WaitForNextTickAsync();
        }

        link.Abort();
        await reading;
    }

    (int PacketId, long Id)? Take()
    {
        lock (_gate)
        {
            if (_open.Count >= Window)
                return null;
            _packetId = _packetId % 60_000 + 1;
            _sent++;
            var one = (_packetId, _book.Next());
            _open.Add(one);
            return one;
        }
    }

    async Task ReadAsync(RawMqtt link)
    {
        try
        {
            while (await link.ReadAsync() is { } packet)
                if (packet is { Type: RawMqtt.PubackType, Body: var body })
                    Answer((body[0] << 8) | body[1], body.Length > 2 ? body[2] : 0);
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
        {
            // Silent for too long, or ended by us.
        }
    }

    void Answer(int packetId, int reason)
    {
        lock (_gate)
        {
            var at = _open.FindIndex(it => it.PacketId == packetId);
            if (at < 0)
                return;
            _book.Answered(_open[at].Id, reason);
            _open.RemoveAt(at);
        }
    }

    byte[] Bytes(int packetId, long id, bool dup) =>
        RawMqtt.Publish(packetId, _book.Topic, Encoding.UTF8.GetBytes(_book.Message(id)), dup);
}
