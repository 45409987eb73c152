using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>What of that which was here before is being told to a target, one after the other.</summary>
enum WalkStep
{
    Samples,
    Forecasts,
    Windows,
    Episodes,
    Alerts,
    Done,
}

/// <summary>How far a target has been told what was here before it.</summary>
/// <param name="Step">What is being told.</param>
/// <param name="After">The last key of it that was told; empty at its beginning.</param>
/// <param name="Again">Whether the target was told of it before, and may hold what is true no more.</param>
readonly record struct WalkPlace(WalkStep Step, string After, bool Again);

/// <summary>To whom everything is forwarded, and how far what was here before has been told.</summary>
static class ForwardTarget
{
    /// <summary>
    /// Takes note of where to. A target that is new, or comes back, is told everything that is here; rows
    /// that wait for another are sent on to it, which changes nothing (see <see cref="ForwardQueue"/>).
    /// </summary>
    public static void Adopt(SqliteConnection connection, string? target)
    {
        try
        {
            Note(connection, target);
        }
        catch (SqliteException fault)
        {
            throw new StoreUnusableException($"The store file {connection.DataSource} cannot be used: "
                + $"{fault.Message} Free space on its disk, or end the program that locks it.", fault);
        }
    }

    static void Note(SqliteConnection connection, string? target)
    {
        var (held, told) = connection.Query<(string?, string?)>(
            "SELECT target, told FROM forward_target").DefaultIfEmpty((null, "[]")).Single();
        // A hash, because an address may hold a name.
        var hash = target is null ? null
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target)));
        if (held != hash)
            Put(connection, hash, told);
    }

    /// <summary>
    /// Everything is to be told again to whomever it is forwarded, and anybody may have been told other
    /// things.
    /// </summary>
    public static void Forget(SqliteConnection connection) => Put(connection, null, null);

    static void Put(SqliteConnection connection, string? target, string? told)
    {
        // Null: nobody knows who was told.
        var known = told is null ? null : Json.Read<string[]>(told);
        var again = known is null || target is not null && known.Contains(target);
        if (known is not null && target is not null && !again)
            told = Json.Write<string[]>([.. known, target]);
        connection.Execute("""
            INSERT INTO forward_target(id, target, step, place, told, again)
            VALUES(1, @target, 0, '', @told, @again) ON CONFLICT DO UPDATE
            SET target=excluded.target, step=0, place='', told=excluded.told, again=excluded.again
            """, new { target, told, again });
    }

    /// <summary>How far it is; null when there is no target.</summary>
    public static WalkPlace? Place(SqliteConnection connection) =>
        connection.Query<(long Step, string After, long Again)>(
            "SELECT step, place, again FROM forward_target WHERE target IS NOT NULL").ToList() is [var row]
            ? new WalkPlace((WalkStep)row.Step, row.After, row.Again != 0) : null;

    /// <summary>Told up to there.</summary>
    public static void Move(WriteSession session, WalkPlace place) => session.Execute(
        "UPDATE forward_target SET step=$s, place=$p WHERE target IS NOT NULL",
        ("$s", (int)place.Step), ("$p", place.After));

    /// <summary>
    /// The start of the earliest sample that is still to be forwarded: neither it nor a later one may be
    /// thinned. Null when none waits.
    /// </summary>
    public static long? Waiting(SqliteConnection connection)
    {
        if (Place(connection) is not { } place)
            return null;
        var journal = connection.ExecuteScalar<long?>("SELECT min(oldest) FROM forward");
        if (place.Step > WalkStep.Samples)
            return journal;
        var walk = place.After.Length > 0 ? Json.Read<long[]>(place.After)[0]
            : connection.ExecuteScalar<long?>("SELECT min(t) FROM sample");
        return Math.Min(journal ?? long.MaxValue, walk ?? long.MaxValue) is < long.MaxValue and var first
            ? first : null;
    }
}
