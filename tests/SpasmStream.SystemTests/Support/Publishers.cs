using System.Collections.Concurrent;
using System.Globalization;
using MQTTnet.Exceptions;

namespace SpasmStream.SystemTests.Support;

/// <summary>Devices that publish sample after sample, trying again whoever dies.</summary>
sealed class Publishers : IDisposable
{
    const int Spacing = 1_000_000;

    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<long, double> _sent = new();
    readonly ConcurrentDictionary<long, bool> _acknowledged = new();
    readonly long _start;
    Task _running = Task.CompletedTask;

    Publishers(int devices) => _start = WorkerRig.Now - (devices + 6L) * Spacing;

    /// <summary>The instants of the samples that somebody promised to keep.</summary>
    public ICollection<long> Acknowledged => _acknowledged.Keys;

    public static async Task<Publishers> StartAsync(
        int port, (string User, string Password)? account = null, int devices = 4)
    {
        var publishers = new Publishers(devices);
        publishers._running = Task.WhenAll(Enumerable.Range(0, devices)
            .Select(device => Task.Run(() => publishers.PublishAsync(port, device, account))));
        await Task.Yield();
        return publishers;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Lost 0, doubled 0, phantom 0, corrupted 0.</summary>
    public void AssertKept(WorkerRig rig)
    {
        var kept = rig.Column("SELECT t FROM sample ORDER BY t");
        Assert.Empty(_acknowledged.Keys.Except(kept));
        Assert.Equal(kept.Distinct().Count(), kept.Count);
        Assert.Empty(kept.Except(_sent.Keys));
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample_superseded"));
        var values = rig.Column("SELECT CAST(value AS INTEGER) FROM sample ORDER BY t");
        Assert.Equal(kept.Select(t => (long)_sent[t]), values);
        Assert.Equal(kept.Count, rig.Counter("SamplesStored"));
    }

    public void Dispose() => _stop.Dispose();

    async Task PublishAsync(int port, int device, (string User, string Password)? account)
    {
        var client = account is { } it ? $"{it.User}:{device}" : $"device-{device}";
        for (var i = 0; !_stop.IsCancellationRequested;)
            try
            {
                await using var probe = await MqttProbe.ConnectAsync(port, client, account?.User,
                    account?.Password);
                for (var kept = true; kept && !_stop.IsCancellationRequested;)
                {
                    // Never twice the same instant, and a value that tells which.
                    var t = _start + (long)device * Spacing + i;
                    _sent[t] = 40 + t % 100;
                    kept = await probe.PublishAsync(t.ToString(CultureInfo.InvariantCulture), WorkerRig.Topic,
                        WorkerRig.Bpm(t, _sent[t]));
                    if (kept)
                        (_acknowledged[t], i) = (true, i + 1);
                }
            }
            catch (Exception fault) when (fault is MqttCommunicationException or OperationCanceledException)
            {
                // Nobody there just now.
            }
    }
}
