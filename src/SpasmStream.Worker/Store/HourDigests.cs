using SpasmStream.Core.Features;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Puts one row in place of the sixty minutes of an hour, in all the versions they were known in.
/// </summary>
static class HourDigests
{
    // An hour costs some statements; as many rows of samples go in one.
    const int RowsPerHour = 20;

    /// <summary>
    /// Does what hours before a cutoff fit in a slice, wearer by wearer; an hour that is to be folded again
    /// stays.
    /// </summary>
    public static (int Removed, object[]? Last) Make(
        WriteSession session, long cutoff, object[]? after, int rows)
    {
        var (wearer, hour) = after is [long w, long h] ? (w, h) : (0L, long.MinValue);
        var left = Math.Max(1, rows / RowsPerHour);
        var removed = 0;
        while (left > 0)
        {
            var hours = Newest(session, wearer, hour, cutoff / 3_600_000, left);
            foreach (var (start, known, cells) in hours)
                removed += Replace(session, wearer, start, known, HourCells.FromBytes(cells));
            left -= hours.Count;
            if (left == 0)
                return (removed, [wearer, hours[^1].Hour]);
            if (session.Scalar<long?>("SELECT min(id) FROM wearer WHERE id>$w", ("$w", wearer))
                is not { } next)
                break;
            (wearer, hour) = (next, long.MinValue);
        }

        return (removed, null);
    }

    static List<(long Hour, long Known, byte[] Cells)> Newest(
        WriteSession session, long wearer, long after, long cutoff, int count)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = """
            SELECT hour, max(known_at), cells FROM hour_summary WHERE wearer=$w AND hour>$a AND hour<$c
                AND NOT EXISTS(SELECT 1 FROM dirty WHERE dirty.wearer=$w AND dirty.hour=hour_summary.hour)
            GROUP BY hour ORDER BY hour LIMIT $n
            """;
        command.Parameters.AddWithValue("$w", wearer);
        command.Parameters.AddWithValue("$a", after);
        command.Parameters.AddWithValue("$c", cutoff);
        command.Parameters.AddWithValue("$n", count);
        using var row = command.ExecuteReader();
        var hours = new List<(long, long, byte[])>();
        while (row.Read())
            hours.Add((row.GetInt64(0), row.GetInt64(1), (byte[])row.GetValue(2)));
        return hours;
    }

    static int Replace(
        WriteSession session, long wearer, long hour, long known, IReadOnlyList<MinuteCell> minutes)
    {
        var rates = minutes.Where(cell => cell.HeartRate is not null).Select(cell => cell.HeartRate!.Value)
            .Order().ToList();
        var steps = minutes.Where(cell => cell.Steps is not null).Select(cell => cell.Steps!.Value).ToList();
        session.Execute("INSERT OR REPLACE INTO hour_digest VALUES($w, $h, $k, $n, $m, $l, $u, $s, $t)",
            ("$w", wearer), ("$h", hour), ("$k", known), ("$n", rates.Count),
            ("$m", rates.Count == 0 ? null : (rates[(rates.Count - 1) / 2] + rates[rates.Count / 2]) / 2),
            ("$l", rates.Count == 0 ? null : rates[0]), ("$u", rates.Count == 0 ? null : rates[^1]),
            ("$s", steps.Count), ("$t", steps.Count == 0 ? null : steps.Sum()));
        // The digest says that the hour is thinned, from now on.
        session.Execute("DELETE FROM thinned WHERE wearer=$w AND hour=$h", ("$w", wearer), ("$h", hour));
        return session.Execute(
            "DELETE FROM hour_summary WHERE wearer=$w AND hour=$h", ("$w", wearer), ("$h", hour));
    }
}
