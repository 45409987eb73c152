using Dapper;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Gives up what waits to be forwarded, the oldest first, in slices as <see cref="Retention"/> does. It stays
/// in the store; only InfluxDB will never have it.
/// </summary>
static class ForwardDrop
{
    // Below this the doors are open again.
    const double Enough = 0.85;

    // Large rows are overwritten with zeros as they go, so a slice is a small one.
    const int SliceBytes = 1 << 20;
    const int SlicesForTheDisk = 64;

    /// <summary>All of it, because nothing is forwarded any more: that is no loss.</summary>
    public static Retention All() => new(Counter.PointsDropped,
        [(session, _, rows) => Slice(session, rows).ToStep()]);

    /// <summary>So much that the doors may open again.</summary>
    public static Retention Oldest(StoreOptions options) => new(Counter.PointsDropped,
    [
        (session, _, rows) => ForwardBacklog.Of(session.Connection, session.Now).ShareOf(options) < Enough
            ? (0, null) : Lose(session, rows).ToStep(),
    ]);

    /// <summary>Some of it, to make room on the disk.</summary>
    public static Retention Some()
    {
        var slices = 0;
        return new Retention(Counter.PointsDropped,
            [(session, _, rows) => slices++ < SlicesForTheDisk ? Lose(session, rows).ToStep() : (0, null)]);
    }

    // In the transaction of what goes, so that no crash leaves a hole that nobody knows of.
    static Gone Lose(WriteSession session, int rows)
    {
        var gone = Slice(session, rows);
        if (gone.Points > 0)
            GapTable.Record(session, GapCause.NotForwarded, Ms.ToInstant(gone.First), Ms.ToInstant(gone.Last),
                gone.Points);
        return gone;
    }

    static Gone Slice(WriteSession session, int rows)
    {
        var first = session.Connection.Query<(long Id, long At, long Points, long Size)>(
            "SELECT id, at, points, length(packed) FROM forward ORDER BY id LIMIT @rows", new { rows });
        var (size, gone) = (0L, default(Gone));
        foreach (var row in first)
        {
            gone = gone.And(row.Id, row.At, row.Points);
            if ((size += row.Size) >= SliceBytes)
                break;
        }

        if (gone.Points > 0)
            session.Execute("DELETE FROM forward WHERE id<=$i", ("$i", gone.UpTo));
        return gone;
    }

    /// <summary>What a slice gave up.</summary>
    readonly record struct Gone(long UpTo, long First, long Last, long Points)
    {
        public Gone And(long id, long at, long points) =>
            new(id, Points == 0 ? at : First, Math.Max(at, Last), Points + points);

        public (int, object[]?) ToStep() => ((int)Points, Points > 0 ? [UpTo] : null);
    }
}
