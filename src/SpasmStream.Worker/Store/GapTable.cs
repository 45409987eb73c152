using System.Data;
using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>Why something may have been lost.</summary>
enum GapCause
{
    /// <summary>The broker had forgotten our session before its time.</summary>
    SessionLost,

    /// <summary>We were away for longer than the broker keeps a session.</summary>
    SessionExpired,

    /// <summary>What the broker answered to a CONNECT was not heard, or not written down.</summary>
    SessionUnsure,

    /// <summary>QoS 0 messages came faster than they could be committed.</summary>
    Qos0Dropped,

    /// <summary>The machine's clock was set.</summary>
    ClockStep,

    /// <summary>The store was damaged and put aside.</summary>
    StoreQuarantined,

    /// <summary>A backup took the store's place: what came after it is not there.</summary>
    Restored,

    /// <summary>The disk was full, and the oldest samples were given up before their time.</summary>
    DiskFull,

    /// <summary>
    /// Too much waited for InfluxDB, and the oldest of it was given up: it is here, but not there.
    /// </summary>
    NotForwarded,
}

/// <summary>A stretch in which something may have been lost.</summary>
/// <param name="Start">Its beginning.</param>
/// <param name="End">Its end; null while it goes on.</param>
/// <param name="Cause">Why, as the file keeps it: <c>session_lost</c>, <c>qos0_dropped</c> ...</param>
/// <param name="Lost">How many messages were lost, where that is known.</param>
sealed record Gap(Instant Start, Instant? End, string Cause, long? Lost);

/// <summary>Every stretch in which something may have been lost; drawn, never filled in.</summary>
static class GapTable
{
    /// <summary>Two stretches of drops that are closer than this are one.</summary>
    static readonly Duration Near = Duration.FromSeconds(60);

    /// <summary>
    /// Records a stretch for every wearer. One that meets another of the same cause makes it longer, so that
    /// telling it twice changes nothing but the count of what was lost.
    /// </summary>
    public static void Record(
        WriteSession session, GapCause cause, Instant start, Instant end, long? lost = null) =>
        Record(session.Connection, cause, start, end, lost);

    /// <summary>The same on a connection that nobody else writes with.</summary>
    public static void Record(
        SqliteConnection connection, GapCause cause, Instant start, Instant end, long? lost = null)
    {
        var reach = cause is GapCause.Qos0Dropped or GapCause.NotForwarded ? Near : Duration.Zero;
        var near = connection.Query<(long Id, long Start, long End, long? Lost)>("""
            SELECT id, start, end, lost FROM gap WHERE wearer IS NULL AND cause=@cause AND end IS NOT NULL
                AND start<=@until AND end>=@since
            """, new { cause = Name(cause), until = Ms.Of(end + reach), since = Ms.Of(start - reach) })
            .ToList();
        near.Add((0, Ms.Of(start), Ms.Of(end), lost));
        foreach (var (id, _, _, _) in near)
            connection.Execute("DELETE FROM gap WHERE id=@id", new { id });
        connection.Execute("INSERT INTO gap(cause, start, end, lost) VALUES(@cause, @start, @end, @lost)", new
        {
            cause = Name(cause),
            start = near.Min(gap => gap.Start),
            end = near.Max(gap => gap.End),
            lost = near.TrueForAll(gap => gap.Lost is null) ? null : near.Sum(gap => gap.Lost),
        });
    }

    /// <summary>
    /// Begins a stretch that goes on; one that goes on already stays as it is, but is no longer unsure.
    /// </summary>
    public static void Open(WriteSession session, GapCause cause, Instant start)
    {
        session.Execute("UPDATE gap SET cause=$c WHERE end IS NULL AND cause='session_unsure'",
            ("$c", Name(cause)));
        session.Execute("""
            INSERT INTO gap(cause, start) SELECT $c, $s WHERE NOT EXISTS (SELECT 1 FROM gap WHERE end IS NULL)
            """, ("$c", Name(cause)), ("$s", Ms.Of(start)));
    }

    /// <summary>What was unsure has become sure, and nothing was lost.</summary>
    public static void Withdraw(WriteSession session) =>
        session.Execute("DELETE FROM gap WHERE end IS NULL AND cause='session_unsure'");

    /// <summary>Ends the stretch that goes on, if one does.</summary>
    public static void Close(WriteSession session, Instant end) =>
        session.Execute("UPDATE gap SET end=max(start, $e) WHERE end IS NULL", ("$e", Ms.Of(end)));

    /// <summary>The stretches of a wearer, and of all of them, that reach past an instant.</summary>
    public static IReadOnlyList<Gap> Since(IDbConnection reader, long wearer, Instant from) =>
        reader.Query<(long Start, long? End, string Cause, long? Lost)>("""
            SELECT start, end, cause, lost FROM gap
            WHERE (wearer IS NULL OR wearer=@wearer) AND (end IS NULL OR end>@from) ORDER BY start, id
            """, new { wearer, from = Ms.Of(from) })
        .Select(row => new Gap(Ms.ToInstant(row.Start), Ms.ToInstant(row.End), row.Cause, row.Lost)).ToList();

    public static string Name(GapCause cause) => cause switch
    {
        GapCause.SessionLost => "session_lost",
        GapCause.SessionExpired => "session_expired",
        GapCause.SessionUnsure => "session_unsure",
        GapCause.Qos0Dropped => "qos0_dropped",
        GapCause.ClockStep => "clock_step",
        GapCause.Restored => "restored",
        GapCause.DiskFull => "disk_full",
        GapCause.NotForwarded => "not_forwarded",
        _ => "store_quarantined",
    };
}
