using Microsoft.Data.Sqlite;

namespace SpasmStream.SystemTests.Support;

/// <summary>Faults around a worker that goes on running, one after the other by a seed.</summary>
sealed class SoakFaults(MosquittoBroker broker, ChaosProxy proxy, WorkerRig rig, int seed)
{
    readonly Random _random = new(seed);

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    public Task NextAsync(CancellationToken stop)
    {
        Count++;
        return _random.Next(7) switch
        {
            0 => RestartBrokerAsync(),
            1 => FreezeBrokerAsync(stop),
            2 => ResetAsync(),
            3 => BlackholeAsync(stop),
            4 => LockAsync(stop),
            5 => ReadLongAsync(stop),
            _ => PoisonAsync(),
        };
    }

    async Task RestartBrokerAsync()
    {
        await broker.StopAsync();
        await broker.StartAgainAsync();
    }

    async Task FreezeBrokerAsync(CancellationToken stop)
    {
        broker.Process.Send(Signal.Stop);
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        broker.Process.Send(Signal.Continue);
    }

    Task ResetAsync()
    {
        proxy.Reset();
        return Task.CompletedTask;
    }

    async Task BlackholeAsync(CancellationToken stop)
    {
        proxy.Blackhole = true;
        await Task.Delay(TimeSpan.FromSeconds(3), stop);
        proxy.Blackhole = false;
        proxy.Reset();
    }

    async Task LockAsync(CancellationToken stop)
    {
        using var file = rig.Lock();
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
    }

    async Task ReadLongAsync(CancellationToken stop)
    {
        using var reader = rig.File.OpenReader();
        Read(reader, "BEGIN; SELECT count(*) FROM sample");
        await Task.Delay(TimeSpan.FromSeconds(3), stop);
    }

    /// <summary>Two hundred messages that nobody asked to be kept and nobody can read.</summary>
    async Task PoisonAsync()
    {
        using var link = await RawMqtt.ConnectAsync(broker.Port, "poison");
        for (var i = 0; i < 200; i++)
            await link.SendAsync(RawMqtt.PublishOnce("spasmstream/v1/in/ada/none/no-such-kind", "{"));
    }

    static void Read(SqliteConnection reader, string sql)
    {
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        command.ExecuteScalar();
    }
}
