using System.Text.Json;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>A message that would make a part of the store again.</summary>
readonly record struct ExportedMessage(string Topic, Instant Received, byte[] Payload);

/// <summary>
/// The store's content as messages that would make it again: samples as columns of one series and one
/// receipt, everything with an id, and what took it back, as its own bytes. Values that lost to others are
/// among them, so that what was known when can be told from the file alone.
/// </summary>
static class ExportedMessages
{
    const int SamplesPerMessage = 1_440;

    // Both tables hold the same columns; the series are few, so the samples are gone through once, and what
    // SQLite has to sort beyond its cache it sorts on disk. The rank is the order within one receipt; series
    // that travel in one message (see WireEncoder.LeadOf) share it. What came with an id goes as it came.
    const string SamplesByReceipt = """
        WITH ranked AS MATERIALIZED (
            SELECT series.id AS number, signal, dense_rank() OVER (
                ORDER BY wearer.name, device,
                    CASE signal WHEN 4 THEN 3 WHEN 7 THEN 6 WHEN 8 THEN 6 ELSE signal END,
                    stat, source) AS rank
            FROM series JOIN wearer ON wearer.id=series.wearer
            WHERE wearer.name IN (SELECT value FROM json_each($names)))
        SELECT received, rank, t, dur, rev, value, flags, q, off, series, signal
        FROM sample CROSS JOIN ranked ON number=series WHERE fact=0
        UNION ALL SELECT received, rank, t, dur, rev, value, flags, q, off, series, signal
        FROM sample_superseded CROSS JOIN ranked ON number=series WHERE fact=0
        ORDER BY 1, 2, 3, 4, 5, 11, 6
        """;

    const string EntriesByReceipt = """
        SELECT received, name, device, kind, unseal('entry', hash, payload), 0 AS is_fact, hash, key, rev,
            NULL AS keys
        FROM entry JOIN wearer ON wearer.id=entry.wearer
        WHERE name IN (SELECT value FROM json_each($names))
        UNION ALL SELECT received, name, device, kind, unseal('sample_fact', hash, payload), 1, hash,
            sample_fact.id, rev, keys
        FROM sample_fact JOIN wearer ON wearer.id=sample_fact.wearer
        WHERE name IN (SELECT value FROM json_each($names))
        ORDER BY 1, 2, is_fact, hash, kind, device, key, rev
        """;

    /// <summary>
    /// Merged in order of receipt; within one instant by wearer, entries first, then series.
    /// </summary>
    public static IEnumerable<ExportedMessage> Of(StoreFile file, IReadOnlyList<WearerId> wearers)
    {
        using var reader = file.OpenReader();
        foreach (var message in Of(reader, wearers))
            yield return message;
    }

    /// <summary>The same over a connection, whose transaction says what is seen.</summary>
    public static IEnumerable<ExportedMessage> Of(SqliteConnection reader, IReadOnlyList<WearerId> wearers)
    {
        var names = JsonSerializer.Serialize(wearers.Select(wearer => wearer.ToString()));
        using var entries = Entries(reader, names).GetEnumerator();
        using var samples = Samples(reader, names).GetEnumerator();
        var (entry, sample) = (entries.MoveNext(), samples.MoveNext());
        while (entry || sample)
            if (entry && (!sample || IsFirst(entries.Current, samples.Current)))
            {
                yield return entries.Current.Message;
                entry = entries.MoveNext();
            }
            else
            {
                yield return samples.Current.Message;
                sample = samples.MoveNext();
            }
    }

    static bool IsFirst((string Wearer, ExportedMessage Message) entry,
        (string Wearer, ExportedMessage Message) sample) =>
        entry.Message.Received != sample.Message.Received
            ? entry.Message.Received < sample.Message.Received
            : string.CompareOrdinal(entry.Wearer, sample.Wearer) <= 0;

    static IEnumerable<(string Wearer, ExportedMessage Message)> Entries(
        SqliteConnection reader, string names)
    {
        using var command = reader.CreateCommand();
        command.CommandText = EntriesByReceipt;
        command.Parameters.AddWithValue("$names", names);
        var facts = new KeptFact(
            SeriesOf(reader, names).ToDictionary(one => one.Value, one => one.Key));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var wearer = row.GetString(1);
            var sent = new ExportedMessage(
                $"spasmstream/v1/in/{wearer}/{row.GetString(2)}/{row.GetString(3)}",
                Ms.ToInstant(row.GetInt64(0)), row.GetFieldValue<byte[]>(4));
            yield return (wearer, row["keys"] is byte[] keys ? facts.Of(wearer, sent, keys) : sent);
        }
    }

    static IEnumerable<(string Wearer, ExportedMessage Message)> Samples(
        SqliteConnection reader, string names)
    {
        var series = SeriesOf(reader, names);
        using var command = reader.CreateCommand();
        command.CommandText = SamplesByReceipt;
        command.Parameters.AddWithValue("$names", names);
        using var row = command.ExecuteReader();
        var (rank, wearer, pending) = (0L, "", new List<Sample>());
        while (row.Read())
        {
            var (owner, kept) = series[row.GetInt64(9)];
            var sample = ToSample(row, kept);
            // What belongs to one instant stays together.
            if (pending.Count > 0 && (rank != row.GetInt64(1) || pending[0].Received != sample.Received
                || (pending.Count >= SamplesPerMessage && pending[^1].Start != sample.Start)))
                yield return Take(wearer, pending);
            (rank, wearer) = (row.GetInt64(1), owner);
            pending.Add(sample);
        }

        if (pending.Count > 0)
            yield return Take(wearer, pending);
    }

    static (string, ExportedMessage) Take(string wearer, List<Sample> pending)
    {
        var series = pending[0].Series;
        var kind = WireEncoder.KindOf(series.Signal);
        var message = new ExportedMessage($"spasmstream/v1/in/{wearer}/{series.Device}/{kind}",
            pending[0].Received, WireEncoder.Encode(pending));
        pending.Clear();
        return (wearer, message);
    }

    static Sample ToSample(SqliteDataReader row, Series series) => new()
    {
        Series = series,
        Start = Ms.ToInstant(row.GetInt64(2)),
        Duration = Duration.FromMilliseconds(row.GetInt64(3)),
        Value = row.GetDouble(5),
        Received = Ms.ToInstant(row.GetInt64(0)),
        Revision = row.GetInt32(4),
        // Where it came by and what we think of it are ours, and are found again on import.
        Flags = (SampleFlags)row.GetInt32(6) & ~(SampleFlags.Replayed | SampleFlags.Implausible),
        Quality = row.IsDBNull(7) ? null : row.GetDouble(7),
        OffsetMinutes = row.IsDBNull(8) ? null : row.GetInt32(8),
    };

    static Dictionary<long, (string Wearer, Series Series)> SeriesOf(SqliteConnection reader, string names)
    {
        using var command = reader.CreateCommand();
        command.CommandText = """
            SELECT series.id, name, device, signal, stat, source FROM series
            JOIN wearer ON wearer.id=series.wearer WHERE name IN (SELECT value FROM json_each($names))
            """;
        command.Parameters.AddWithValue("$names", names);
        using var row = command.ExecuteReader();
        var series = new Dictionary<long, (string, Series)>();
        while (row.Read())
            series[row.GetInt64(0)] = (row.GetString(1), new Series(row.GetString(2),
                (Signal)row.GetInt32(3), (Stat)row.GetInt32(4), row.GetString(5)));
        return series;
    }
}
