using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// What is synced of the session with the broker: the real tables in memory, written when a commit is synced,
/// so that a crash forgets what was not.
/// </summary>
sealed class KeptBook : IDisposable
{
    readonly SqliteConnection _memory = new("Data Source=:memory:");
    readonly WriteSession _session;

    public KeptBook()
    {
        _memory.Open();
        Migrations.Apply(_memory);
        _session = new WriteSession(_memory, new StoreOptions(), TimeProvider.System);
    }

    /// <summary>The newest receipt, which the next life's clock does not fall behind.</summary>
    public Instant? Heard { get; private set; }

    /// <summary>Stretches in which something may be lost, in ticks since the beginning.</summary>
    public List<(long Start, long? End, string Cause)> Gaps() =>
        [.. _memory.Query<(long Start, long? End, string Cause)>(
            "SELECT start, end, cause FROM gap ORDER BY start").Select(gap =>
            (Ticks(gap.Start), gap.End is { } end ? Ticks(end) : (long?)null, gap.Cause))];

    /// <summary>Whether a session is written down, or that one is missed.</summary>
    public bool KnowsSession =>
        MissesSession || _memory.ExecuteScalar<long>("SELECT count(*) FROM broker_session") > 0;

    /// <summary>Whether it is written down that a session may be lost.</summary>
    public bool MissesSession =>
        _memory.ExecuteScalar<long>("SELECT count(*) FROM gap WHERE end IS NULL") > 0;

    public SessionBook For(Life life, ModelDisk disk, IOptions<MqttOptions> options, ArrivalClock clock) =>
        new(options, client => SessionTable.Read(_memory, client), job => disk.CommitAsync(life, () =>
        {
            job(_session);
            _session.Flush();
            return true;
        }, CancellationToken.None), clock);

    /// <summary>A batch is synced, and with it how far our own clock has come.</summary>
    public void Hear(IEnumerable<Arrival> arrivals)
    {
        foreach (var arrival in arrivals)
            Heard = Instant.Max(Heard ?? Instant.MinValue, arrival.Delivery.Received);
        if (Heard is { } heard)
            _session.Execute("INSERT INTO clock VALUES(1, $l) ON CONFLICT DO UPDATE SET last=$l",
                ("$l", heard.ToUnixTimeMilliseconds()));
    }

    public void Dispose()
    {
        _session.Dispose();
        _memory.Dispose();
    }

    static long Ticks(long unixMs) =>
        (unixMs - VirtualTime.Beginning.ToUnixTimeMilliseconds()) * TimeSpan.TicksPerMillisecond;
}
