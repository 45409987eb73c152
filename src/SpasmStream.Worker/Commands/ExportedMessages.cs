using System.Data;
using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// The store's content as messages that would make it again: samples as columns of one series and one
/// receipt, everything with an id, and what took it back, as its own bytes. Values that lost to others are
/// among them, so that what was known when can be told from the file alone.
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
            all.AddRange(Facts(reader, wearer, id));
            foreach (var together in SeriesOf(reader, id).GroupBy(one => LeadOf(one.Series)))
                all.AddRange(Samples(reader, wearer, together.ToDictionary(one => one.Number,
                    one => one.Series)));
        }

        return all.OrderBy(message => message.Received);
    }

    static IEnumerable<(string, Instant, byte[])> Entries(IDbConnection reader, WearerId wearer, long id) =>
        reader.Query<(string Device, string Kind, long Received, byte[] Payload)>("""
            SELECT device, kind, received, payload FROM entry WHERE wearer=@id ORDER BY received, hash
            """, new { id })
            .Select(row => ($"spasmstream/v1/in/{wearer}/{row.Device}/{row.Kind}", Ms.ToInstant(row.Received),
                row.Payload));

    static IEnumerable<(string, Instant, byte[])> Facts(IDbConnection reader, WearerId wearer, long id) =>
        reader.Query<(string Device, string Kind, long Received, byte[] Payload)>("""
            SELECT device, kind, received, payload FROM sample_fact WHERE wearer=@id
            ORDER BY received, device, kind, id, rev, hash
            """, new { id })
            .Select(row => ($"spasmstream/v1/in/{wearer}/{row.Device}/{row.Kind}", Ms.ToInstant(row.Received),
                row.Payload));

    /// <summary>
    /// The series in whose messages one travels: when a count began with the count, and all that is said of
    /// the variability of one window together.
    /// </summary>
    static Series LeadOf(Series series) => series.Signal switch
    {
        Signal.StepCounterSince => series with { Signal = Signal.StepCounter },
        Signal.HrvSdnn or Signal.HrvBeats => series with { Signal = Signal.HrvRmssd },
        _ => series,
    };

    static string KindOf(Signal signal) => signal switch
    {
        Signal.HeartRate => "heart-rate",
        Signal.Steps or Signal.StepCounter or Signal.StepCounterSince => "steps",
        Signal.RrInterval => "rr",
        Signal.HrvRmssd or Signal.HrvSdnn or Signal.HrvBeats => "hrv",
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "No kind carries this signal."),
    };

    // What came with an id is exported as it came, so these are the samples that have none.
    static IEnumerable<(string, Instant, byte[])> Samples(
        IDbConnection reader, WearerId wearer, Dictionary<long, Series> together)
    {
        var any = together.Values.First();
        var topic = $"spasmstream/v1/in/{wearer}/{any.Device}/{KindOf(any.Signal)}";
        var numbers = string.Join(',', together.Keys);
        const string columns = "t, series, dur, value, received, rev, flags, q, off";
        var rows = reader.Query<Row>($"""
            SELECT * FROM (
                SELECT {columns} FROM sample WHERE series IN ({numbers}) AND fact=0
                UNION ALL SELECT {columns} FROM sample_superseded WHERE series IN ({numbers}) AND fact=0)
            ORDER BY received, t, dur, rev, instr(',{numbers},', ',' || series || ','), value
            """, buffered: false);
        var pending = new List<Sample>();
        foreach (var row in rows)
        {
            var sample = row.ToSample(together[row.Series]);
            // What belongs to one instant stays together.
            if (pending.Count > 0 && (pending[0].Received != sample.Received
                || (pending.Count >= SamplesPerMessage && pending[^1].Start != sample.Start)))
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

    /// <summary>A row of the table of samples.</summary>
    sealed class Row
    {
        public long T { get; init; }

        public long Series { get; init; }

        public long Dur { get; init; }

        public double Value { get; init; }

        public long Received { get; init; }

        public long Rev { get; init; }

        public long Flags { get; init; }

        public double? Q { get; init; }

        public long? Off { get; init; }

        public Sample ToSample(Series series) => new()
        {
            Series = series,
            Start = Ms.ToInstant(T),
            Duration = Duration.FromMilliseconds(Dur),
            Value = Value,
            Received = Ms.ToInstant(Received),
            Revision = (int)Rev,
            // Where it came by and what we think of it are ours, and are found again on import.
            Flags = (SampleFlags)Flags & ~(SampleFlags.Replayed | SampleFlags.Implausible),
            Quality = Q,
            OffsetMinutes = (int?)Off,
        };
    }
}
