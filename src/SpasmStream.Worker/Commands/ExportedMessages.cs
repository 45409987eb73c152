using System.Data;
using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// The store's content as messages that would make it again: samples as columns of one series and one
/// receipt, sleep and diary objects as their own bytes. Values that lost to others are among them, so that
/// what was known when can be told from the file alone.
/// </summary>
static class ExportedMessages
{
    const int SamplesPerMessage = 1_440;

    /// <summary>Merged in order of receipt.</summary>
    public static IEnumerable<(string Topic, Instant Received, byte[] Payload)> Of(
        StoreFile file, IReadOnlyList<WearerId> wearers)
    {
        using var reader = file.OpenReader();
        var all = new List<(string Topic, Instant Received, byte[] Payload)>();
        foreach (var wearer in wearers)
        {
            var id = WearerRecord.IdOf(reader, wearer)!.Value;
            all.AddRange(Entries(reader, wearer, id));
            foreach (var (number, series) in SeriesOf(reader, id))
                all.AddRange(Samples(reader, wearer, number, series));
        }

        return all.OrderBy(message => message.Received);
    }

    static IEnumerable<(string, Instant, byte[])> Entries(IDbConnection reader, WearerId wearer, long id) =>
        reader.Query<(string Device, string Kind, long Received, byte[] Payload)>("""
            SELECT device, kind, received, payload FROM entry WHERE wearer=@id ORDER BY received, hash
            """, new { id })
            .Select(row => ($"spasmstream/v1/in/{wearer}/{row.Device}/{row.Kind}", Ms.ToInstant(row.Received),
                row.Payload));

    static IEnumerable<(string, Instant, byte[])> Samples(
        IDbConnection reader, WearerId wearer, long number, Series series)
    {
        var kind = series.Signal == Signal.HeartRate ? "heart-rate" : "steps";
        var topic = $"spasmstream/v1/in/{wearer}/{series.Device}/{kind}";
        var rows = reader.Query<(
            long T, long Dur, double Value, long Received, long Rev, long Flags, double? Q, long? Off)>("""
            SELECT t, dur, value, received, rev, flags, q, off FROM sample WHERE series=@number
            UNION ALL SELECT t, dur, value, received, rev, flags, q, off
                FROM sample_superseded WHERE series=@number
            ORDER BY received, t, dur, rev, value
            """, new { number }, buffered: false);
        var pending = new List<Sample>();
        foreach (var row in rows)
        {
            var sample = new Sample
            {
                Series = series,
                Start = Ms.ToInstant(row.T),
                Duration = Duration.FromMilliseconds(row.Dur),
                Value = row.Value,
                Received = Ms.ToInstant(row.Received),
                Revision = (int)row.Rev,
                // Where it came by and what we think of it are ours, and are found again on import.
                Flags = (SampleFlags)row.Flags & ~(SampleFlags.Replayed | SampleFlags.Implausible),
                Quality = row.Q,
                OffsetMinutes = (int?)row.Off,
            };
            if (pending.Count == SamplesPerMessage
                || pending.Count > 0 && pending[0].Received != sample.Received)
            {
                yield return (topic, pending[0].Received, WireEncoder.Encode(pending));
                pending.Clear();
            }

            pending.Add(sample);
        }

        if (pending.Count > 0)
            yield return (topic, pending[0].Received, WireEncoder.Encode(pending));
    }

    static List<(long Number, Series Series)> SeriesOf(IDbConnection reader, long id) =>
        reader.Query<(long Id, string Device, long Signal, long Stat, string Source)>("""
            SELECT id, device, signal, stat, source FROM series WHERE wearer=@id
            ORDER BY device, signal, stat, source
            """, new { id })
            .Select(row => (row.Id,
                new Series(row.Device, (Signal)row.Signal, (Stat)row.Stat, row.Source))).ToList();
}
