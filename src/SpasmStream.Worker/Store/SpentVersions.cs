using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Removes versions of what was sent under an id that nothing of is left: its samples are exported from it
/// alone, and a version that outranks another keeps that one from standing again. So of each id they go from
/// the lowest on, and none before those it outranks. Withdrawals stay for ever.
/// </summary>
static class SpentVersions
{
    static readonly KeyRange _range = new("sample_fact", "wearer, device, kind, id");

    /// <summary>
    /// Does one slice: as many ids as that many rows and samples reach, and one at least.
    /// </summary>
    public static (int Removed, object[]? Last) Remove(
        WriteSession session, long cutoff, object[]? after, int rows)
    {
        var stretch = _range.Next(session, after, rows);
        var (spent, last) = Find(session, stretch, cutoff, rows);
        foreach (var name in spent)
            session.Execute("""
                DELETE FROM sample_fact WHERE wearer=$w AND device=$d AND kind=$k AND id=$i AND rev=$rev
                    AND withdrawn=0 AND hash=$hash
                """, ("$w", name[0]), ("$d", name[1]), ("$k", name[2]), ("$i", name[3]), ("$rev", name[4]),
                ("$hash", name[5]));
        return (spent.Count, last);
    }

    static (List<object[]> Spent, object[]? Last) Find(
        WriteSession session, Stretch stretch, long cutoff, int most)
    {
        using var left = session.Connection.CreateCommand();
        left.CommandText = """
            SELECT EXISTS(SELECT 1 FROM sample WHERE t=$t AND series=$s AND dur=$d)
                OR EXISTS(SELECT 1 FROM sample_superseded WHERE t=$t AND series=$s AND dur=$d)
            """;
        using var versions = session.Connection.CreateCommand();
        versions.CommandText = $"""
            SELECT wearer, device, kind, id, rev, hash, received, keys FROM sample_fact
            WHERE {stretch.Condition} AND withdrawn=0
            ORDER BY wearer, device, kind, id, rev, received, hash
            """;
        foreach (var (name, value) in stretch.Values)
            versions.Parameters.AddWithValue(name, value);
        using var row = versions.ExecuteReader();
        var spent = new List<object[]>();
        object[]? id = null;
        var (isKept, cost) = (false, 0);
        while (row.Read())
        {
            object[] here = [row.GetValue(0), row.GetValue(1), row.GetValue(2), row.GetValue(3)];
            if (id is null || !here.SequenceEqual(id))
            {
                if (cost >= most)
                    return (spent, id);
                (id, isKept) = (here, false);
            }

            if (isKept)
                continue;
            if (isKept = row.GetInt64(6) >= cutoff)
                continue;
            var keys = SampleKey.Unpack((byte[])row.GetValue(7));
            cost += keys.Count;
            // The newest goes last: most versions that stay are told by one look.
            isKept = keys.OrderByDescending(key => key.Start).Any(key => IsLeft(left, key));
            if (!isKept)
                spent.Add([.. here, row.GetValue(4), row.GetValue(5)]);
        }

        return (spent, stretch.Last);
    }

    static bool IsLeft(SqliteCommand left, SampleKey key)
    {
        left.Parameters.Clear();
        left.Parameters.AddWithValue("$t", key.Start);
        left.Parameters.AddWithValue("$s", key.Series);
        left.Parameters.AddWithValue("$d", key.Duration);
        return (long)left.ExecuteScalar()! != 0;
    }
}
