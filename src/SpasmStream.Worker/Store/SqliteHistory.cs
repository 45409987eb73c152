using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>The history as the file holds it. For one thread: it owns a read connection.</summary>
sealed class SqliteHistory(StoreFile file, StoreWriter? writer) : IHistory, IDisposable
{
    // The fold uses no sample longer than this, so nothing that began earlier reaches into a range.
    static readonly long LongestSample = (long)HourFold.StepsMax.TotalMilliseconds;
    readonly SqliteConnection _reader = file.OpenReader();

    public Instant? FirstReceipt(WearerId wearer)
    {
        using var rows = Query("""
            SELECT min(received) FROM (
                SELECT min(received) AS received FROM entry WHERE wearer=(SELECT id FROM wearer WHERE name=$w)
                UNION ALL SELECT min(first) FROM dirty WHERE wearer=(SELECT id FROM wearer WHERE name=$w))
            """, ("$w", wearer.ToString()));
        return rows.Read() && !rows.IsDBNull(0) ? Ms.ToInstant(rows.GetInt64(0)) : null;
    }

    public IReadOnlyList<StoredEntry> Entries(WearerId wearer, Instant after, Instant until)
    {
        using var rows = Query("""
            SELECT device, kind, key, rev, at, received, replayed, payload FROM entry
            WHERE wearer=(SELECT id FROM wearer WHERE name=$w) AND received>$a AND received<=$u
            ORDER BY received, hash
            """, ("$w", wearer.ToString()), ("$a", Ms.Of(after)), ("$u", Ms.Of(until)));
        var entries = new List<StoredEntry>();
        while (rows.Read())
            entries.Add(new StoredEntry(rows.GetString(0), rows.GetString(1), rows.GetString(2),
                rows.GetInt32(3), Ms.ToInstant(rows.GetInt64(4)), Ms.ToInstant(rows.GetInt64(5)),
                rows.GetInt64(6) != 0, (byte[])rows.GetValue(7)));
        return entries;
    }

    public IReadOnlyList<Instant> ChangedHours(WearerId wearer, Instant after, Instant until)
    {
        using var rows = Query("""
            SELECT hour FROM dirty WHERE wearer=(SELECT id FROM wearer WHERE name=$w) AND first<=$u
            ORDER BY hour
            """, ("$w", wearer.ToString()), ("$u", Ms.Of(until)));
        var hours = new List<Instant>();
        while (rows.Read())
            hours.Add(Instant.FromUnixTimeSeconds(rows.GetInt64(0) * 3600));
        return hours;
    }

    public IReadOnlyList<Sample> Samples(WearerId wearer, Instant from, Instant to, Instant asOf)
    {
        var series = SeriesOf(wearer);
        if (series.Count == 0)
            return [];
        using var rows = Query($"""
            WITH both AS (
                SELECT t, series, dur, value, received, rev, flags, q, off FROM sample
                WHERE t>=$f-{LongestSample} AND t<$t
                UNION ALL SELECT t, series, dur, value, received, rev, flags, q, off FROM sample_superseded
                WHERE t>=$f-{LongestSample} AND t<$t)
            SELECT * FROM both WHERE series IN ({string.Join(',', series.Keys)}) AND received<=$k
                AND (t>=$f OR t+dur>$f)
            ORDER BY t, series, dur, rev DESC, received DESC, value DESC
            """, ("$f", Ms.Of(from)), ("$t", Ms.Of(to)), ("$k", Ms.Of(asOf)));
        var samples = new List<Sample>();
        var (t, id, duration) = (long.MinValue, 0L, 0L);
        while (rows.Read())
        {
            // Of several values with one key the first row is the one that won by then.
            if (rows.GetInt64(0) == t && rows.GetInt64(1) == id && rows.GetInt64(2) == duration)
                continue;
            (t, id, duration) = (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
            samples.Add(ToSample(rows, series[id]));
        }

        return samples;
    }

    public IReadOnlyList<HourSummary> Hours(WearerId wearer, Instant from, Instant to, Instant asOf)
    {
        using var rows = Query("""
            SELECT hour, max(known_at), cells FROM hour_summary
            WHERE wearer=(SELECT id FROM wearer WHERE name=$w) AND hour>=$f AND hour<$t AND known_at<=$k
            GROUP BY hour ORDER BY hour
            """, ("$w", wearer.ToString()), ("$f", HourOf(from)), ("$t", HourOf(to)), ("$k", Ms.Of(asOf)));
        var hours = new List<HourSummary>();
        while (rows.Read())
            hours.Add(new HourSummary(Instant.FromUnixTimeSeconds(rows.GetInt64(0) * 3600),
                Ms.ToInstant(rows.GetInt64(1)), HourCells.FromBytes((byte[])rows.GetValue(2))));
        return hours;
    }

    public Task SaveAsync(WearerId wearer, AssessedStep step, CancellationToken cancellationToken) =>
        (writer ?? throw new InvalidOperationException("This history was opened for reading only."))
            .RunAsync(session =>
        {
            Assessing.Save(session, wearer, step);
            return true;
        }, cancellationToken);

    public void Dispose() => _reader.Dispose();

    static long HourOf(Instant instant) => (long)Math.Ceiling(instant.ToUnixTimeMilliseconds() / 3_600_000.0);

    static Sample ToSample(SqliteDataReader row, Series series) => new()
    {
        Series = series,
        Start = Ms.ToInstant(row.GetInt64(0)),
        Duration = Duration.FromMilliseconds(row.GetInt64(2)),
        Value = row.GetDouble(3),
        Received = Ms.ToInstant(row.GetInt64(4)),
        Revision = row.GetInt32(5),
        Flags = (SampleFlags)row.GetInt32(6),
        Quality = row.IsDBNull(7) ? null : row.GetDouble(7),
        OffsetMinutes = row.IsDBNull(8) ? null : row.GetInt32(8),
    };

    Dictionary<long, Series> SeriesOf(WearerId wearer)
    {
        using var rows = Query("""
            SELECT id, device, signal, stat, source FROM series
            WHERE wearer=(SELECT id FROM wearer WHERE name=$w)
            """, ("$w", wearer.ToString()));
        var series = new Dictionary<long, Series>();
        while (rows.Read())
            series[rows.GetInt64(0)] = new Series(rows.GetString(1), (Signal)rows.GetInt32(2),
                (Stat)rows.GetInt32(3), rows.GetString(4));
        return series;
    }

    SqliteDataReader Query(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _reader.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command.ExecuteReader();
    }
}
