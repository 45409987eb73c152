using Dapper;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Takes a wearer's values out of what waits to be forwarded: the values of a commit are packed together, so
/// a row that has some of theirs is packed anew without them.
/// </summary>
static class ForwardErasure
{
    const int SliceRows = 200;

    /// <summary>
    /// Does one slice; the points that went, and the last row that was looked at, null at the end.
    /// </summary>
    public static (long Points, long? Last) Slice(WriteSession session, ErasedWearer whose, long after)
    {
        var theirs = session.Connection.Query<long>(
            "SELECT id FROM series WHERE wearer=@wearer", new { wearer = whose.Number }).ToHashSet();
        var rows = session.Connection.Query<(long Id, byte[] Packed)>($"""
            SELECT id, packed FROM forward WHERE id>@after AND kind=0 ORDER BY id LIMIT {SliceRows}
            """, new { after }).ToList();
        var gone = rows.Sum(row => Repack(session, row.Id, row.Packed, theirs));
        session.Count(Counter.PointsErased, gone);
        return (gone, rows.Count < SliceRows ? null : rows[^1].Id);
    }

    static long Repack(WriteSession session, long id, byte[] packed, HashSet<long> theirs)
    {
        var (kept, gone) = (new SamplePacker(), 0L);
        var all = new SampleUnpacker(packed);
        while (all.Next(out var sample))
            if (theirs.Contains(sample.Series))
                gone++;
            else
                kept.Add(sample);
        if (kept.Count == 0)
            session.Execute("DELETE FROM forward WHERE id=$i", ("$i", id));
        else if (gone > 0)
            session.Execute("UPDATE forward SET points=$n, oldest=$o, packed=$p WHERE id=$i", ("$i", id),
                ("$n", kept.Count), ("$o", kept.Oldest), ("$p", kept.Bytes.ToArray()));
        return gone;
    }
}
