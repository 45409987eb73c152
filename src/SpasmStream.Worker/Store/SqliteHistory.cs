using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>The history as the file holds it. For one thread: it owns a read connection.</summary>
/// <param name="file">The file.</param>
/// <param name="writer">Its writer; null for reading only.</param>
/// <param name="channels">Where announcements go; null for the broker alone.</param>
sealed class SqliteHistory(
    StoreFile file, StoreWriter? writer, IReadOnlyList<OutChannel>? channels = null) : IHistory, IDisposable
{
    // The fold uses no sample longer than this, so nothing that began earlier reaches into a range.
    static readonly long LongestSample = (long)HourFold.StepsMax.TotalMilliseconds;

    const int RowsProbed = 20_000;
    const int RowsPerStep = 20;
    const string SeekEach = "tick CROSS JOIN mine CROSS JOIN sample ON t=at AND series=id WHERE at<$u";

    static readonly string _scanAll = $"sample WHERE t>=$f-{LongestSample} AND t<$u";

    static readonly string _ticks = $"""
        tick(at) AS (SELECT min(t) FROM sample WHERE t>=$f-{LongestSample}
            UNION ALL SELECT (SELECT min(t) FROM sample WHERE t>at) FROM tick WHERE at<$u)
        """;

    readonly SqliteConnection _reader = file.OpenReader();
    readonly IReadOnlyList<OutChannel> _channels = channels ?? [OutChannel.Mqtt];

    /// <summary>How to wait for what is being saved; whoever must beat meanwhile sets it.</summary>
    public Func<Task, Task> Wait { get; init; } = static saved => saved;

    public Instant? FirstReceipt(WearerId wearer) => Rows("""
        SELECT min(received) FROM (
            SELECT min(received) AS received FROM entry WHERE wearer=(SELECT id FROM wearer WHERE name=$w)
            UNION ALL SELECT min(received) FROM sample_fact
                WHERE wearer=(SELECT id FROM wearer WHERE name=$w)
            UNION ALL SELECT min(first) FROM dirty WHERE wearer=(SELECT id FROM wearer WHERE name=$w))
        """, static row => row.IsDBNull(0) ? (Instant?)null : Ms.ToInstant(row.GetInt64(0)),
        ("$w", wearer.ToString())).Single();

    public IReadOnlyList<StoredEntry> Entries(WearerId wearer, long afterId) => Rows("""
        SELECT device, kind, key, rev, at, received, replayed, unseal('entry', hash, payload), id
        FROM entry
        WHERE wearer=(SELECT id FROM wearer WHERE name=$w) AND id>$a ORDER BY received, hash
        """, static row => new StoredEntry(row.GetString(0), row.GetString(1), row.GetString(2),
            row.GetInt32(3), Ms.ToInstant(row.GetInt64(4)), Ms.ToInstant(row.GetInt64(5)),
            row.GetInt64(6) != 0, (byte[])row.GetValue(7)) { Id = row.GetInt64(8) },
        ("$w", wearer.ToString()), ("$a", afterId));

    // The file remembers what is still to be folded, so it need not be told since when.
    public IReadOnlyList<ChangedHour> ChangedHours(WearerId wearer, Instant after, Instant until) => Rows("""
        SELECT hour, touches FROM dirty WHERE wearer=(SELECT id FROM wearer WHERE name=$w) AND first<=$u
        ORDER BY hour
        """, static row => new ChangedHour(HourAt(row.GetInt64(0)), row.GetInt64(1)),
        ("$w", wearer.ToString()), ("$u", Ms.Of(until)));

    public IReadOnlyList<Sample> Samples(WearerId wearer, Instant from, Instant to, Instant asOf)
    {
        var series = SeriesOf(wearer);
        if (series.Count == 0)
            return [];
        // What a reading of a running count means lies between it and its neighbours.
        var counters = series.Where(one => HourFold.IsCounter(one.Value.Signal))
            .Select(one => one.Key).ToList();
        var until = Ms.Of(to) + (counters.Count > 0 ? LongestSample : 0);
        var crowded = IsCrowded(Ms.Of(from) - LongestSample, until, series.Count);
        var rows = Rows($"""
            WITH RECURSIVE {_ticks}, mine(id) AS (VALUES ({string.Join("),(", series.Keys)})), both AS (
                SELECT t, series, dur, value, received, rev, flags, q, off, fact, gone
                FROM {(crowded ? SeekEach : _scanAll)}
                UNION ALL SELECT t, series, dur, value, received, rev, flags, q, off, fact, gone
                FROM sample_superseded WHERE t>=$f-{LongestSample} AND t<$u)
            SELECT * FROM both WHERE series IN ({string.Join(',', series.Keys)})
                AND received<=$k AND (gone IS NULL OR gone>$k)
                AND (t<$t AND (t>=$f OR t+dur>$f) OR series IN ({string.Join(',', counters)}))
            ORDER BY t, series, dur, rev DESC, received DESC, value DESC, fact DESC
            """, row => ToSample(row, series[row.GetInt64(1)]),
            ("$f", Ms.Of(from)), ("$t", Ms.Of(to)), ("$u", until), ("$k", Ms.Of(asOf)));
        // Of several values with one key the first row is the one that won by then.
        var standing = new List<Sample>(rows.Count);
        foreach (var sample in rows)
            if (standing is not [.., var last] || last.Start != sample.Start
                || last.Duration != sample.Duration || !ReferenceEquals(last.Series, sample.Series))
                standing.Add(sample);
        return standing;
    }

    // Where at most instants many others have a sample too, it is cheaper to go from instant to instant and
    // ask for ours than to read past theirs. What a step costs beside a row was measured.
    bool IsCrowded(long first, long last, int series) => Rows($"""
        SELECT count(*), count(DISTINCT t) FROM (
            SELECT t FROM sample WHERE t>=$f AND t<$t ORDER BY t LIMIT {RowsProbed})
        """, row => row.GetInt64(0) > (1 + series) * RowsPerStep * row.GetInt64(1),
        ("$f", first), ("$t", last)).Single();

    public IReadOnlyList<HourSummary> Hours(
        WearerId wearer, Instant from, Instant to, Instant asOf) => Rows("""
        SELECT hour, max(known_at), cells FROM hour_summary
        WHERE wearer=(SELECT id FROM wearer WHERE name=$w) AND hour>=$f AND hour<$t AND known_at<=$k
        GROUP BY hour ORDER BY hour
        """, static row => new HourSummary(HourAt(row.GetInt64(0)), Ms.ToInstant(row.GetInt64(1)),
            HourCells.FromBytes((byte[])row.GetValue(2))),
        ("$w", wearer.ToString()), ("$f", HourOf(from)), ("$t", HourOf(to)), ("$k", Ms.Of(asOf)));

    public bool IsDigested(WearerId wearer, Instant from, Instant to) => Rows("""
        SELECT EXISTS(SELECT 1 FROM hour_digest WHERE wearer=(SELECT id FROM wearer WHERE name=$w)
            AND hour>=$f AND hour<$t)
        """, static row => row.GetInt64(0) == 1,
        ("$w", wearer.ToString()), ("$f", HourOf(from)), ("$t", HourOf(to))).Single();

    public Task SaveAsync(WearerId wearer, AssessedStep step, CancellationToken cancellationToken) =>
        Wait((writer ?? throw new InvalidOperationException("This history was opened for reading only."))
            .RunAsync(session =>
        {
            Assessing.Save(session, wearer, step, _channels);
            return true;
        }, cancellationToken));

    public void Dispose() => _reader.Dispose();

    static Instant HourAt(long hour) => Instant.FromUnixTimeSeconds(hour * 3600);

    static long HourOf(Instant instant) => (long)Math.Ceiling(instant.ToUnixTimeMilliseconds() / 3_600_000.0);

    static Sample ToSample(SqliteDataReader row, Series series) => new()
    {
        Series = series,
        Start = Ms.ToInstant(row.GetInt64(0)),
        Duration = Duration.FromMilliseconds(row.GetInt64(2)),
        Value = row.GetDouble(3),
        Received = Ms.ToInstant(row.GetInt64(4)),
        Revision = row.GetInt32(5),
        // Asked for as of an instant, what was taken back later still stands.
        Flags = (SampleFlags)row.GetInt32(6) & ~SampleFlags.Deleted,
        Quality = row.IsDBNull(7) ? null : row.GetDouble(7),
        OffsetMinutes = row.IsDBNull(8) ? null : row.GetInt32(8),
    };

    Dictionary<long, Series> SeriesOf(WearerId wearer) => Rows("""
        SELECT id, device, signal, stat, source FROM series WHERE wearer=(SELECT id FROM wearer WHERE name=$w)
        """, static row => (Id: row.GetInt64(0), Series: new Series(row.GetString(1), (Signal)row.GetInt32(2),
            (Stat)row.GetInt32(3), row.GetString(4))),
        ("$w", wearer.ToString()))
        .Where(row => HourFold.Uses(row.Series.Signal)).ToDictionary(row => row.Id, row => row.Series);

    List<T> Rows<T>(
        string sql, Func<SqliteDataReader, T> map,
        params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = _reader.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(map(reader));
        return rows;
    }
}
