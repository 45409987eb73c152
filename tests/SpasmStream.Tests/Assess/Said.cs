using System.Collections.Concurrent;
using System.Text;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Assess;

/// <summary>
/// Messages as a decoder hands them over, made without its words: what they mean is tested apart from how
/// they are written.
/// </summary>
static class Said
{
    // What the bytes of an object stand for, so that the store can read it back; the same bytes always mean
    // the same.
    static readonly ConcurrentDictionary<string, Func<Instant, object>> _meanings = [];

    /// <summary>Reads back what was said here; else what the wire says.</summary>
    public static ReadEntry Reader()
    {
        var wire = EntryReading.With(new WireDecoder());
        return (wearer, entry) =>
            _meanings.TryGetValue(Encoding.UTF8.GetString(entry.Payload), out var meaning)
                ? meaning(entry.Received) : wire(wearer, entry);
    }

    public static Sample Sample(Signal signal, Instant start, double value, string device = "watch",
        int seconds = 0, Stat stat = Stat.Raw, SampleFlags flags = SampleFlags.None) => new()
    {
        Series = new Series(device, signal, stat, ""),
        Start = start,
        Duration = Duration.FromSeconds(seconds),
        Value = value,
        Flags = flags,
        Received = start,
    };

    /// <summary>Samples without an id, of one device.</summary>
    public static Arrival Samples(Instant received, params IEnumerable<Sample> samples)
    {
        var all = At(received, 0, samples);
        return new Arrival(Delivery(all[0].Series.Device, "kind", received, Text(all)), new Decoded
        {
            Wearer = Journal.Ada,
            Device = all[0].Series.Device,
            Kind = "kind",
            Samples = all,
        });
    }

    /// <summary>Samples of one object with an id.</summary>
    public static Arrival Fact(string id, int revision, Instant received, params IEnumerable<Sample> samples)
    {
        var all = At(received, revision, samples);
        var json = Encoding.UTF8.GetBytes($"{id} {revision} {Text(all)}");
        return Of(received, all, new SampleFact(id, revision, 0, all.Count, false) { Json = json });
    }

    /// <summary>Takes back what was said of samples under an id.</summary>
    public static Arrival FactBack(string id, int revision, Instant received) =>
        Of(received, [], new SampleFact(id, revision, 0, 0, true)
            { Json = Encoding.UTF8.GetBytes($"{id} {revision} delete") });

    /// <summary>A sleep, an event, a bout or a diary entry.</summary>
    public static Arrival Entry(string device, string kind, string key, int revision, Instant at,
        Instant received, string words, Func<Instant, object> meaning)
    {
        var text = $"{device} {kind} {key} {revision} {words}";
        _meanings[text] = meaning;
        return new Arrival(Delivery(device, kind, received, text), new Decoded
        {
            Wearer = Journal.Ada,
            Device = device,
            Kind = kind,
            Entries = [new DecodedEntry(key, revision, at, meaning(received), Encoding.UTF8.GetBytes(text))],
        });
    }

    public static Arrival Back(string device, string kind, string id, int revision, Instant received) =>
        Entry(device, kind, id, revision, received, received, "delete",
            at => new Withdrawal(device, kind, id, revision, at));

    public static Arrival Sleep(string id, int revision, Instant start, Instant end, Instant received,
        string device = "watch") => Entry(device, "sleep", id, revision, start, received,
        $"{start}-{end}", at => new SleepEpisode
        {
            Device = device, Id = id, Revision = revision, Start = start, End = end, Received = at,
        });

    public static Arrival Event(
        SleepEventKind kind, Instant at, Instant received, SleepStage? stage = null,
        string device = "band") =>
        Entry(device, "sleep", $"event-{at.ToUnixTimeMilliseconds()}-{kind}-{stage}", 0, at, received, "",
            receipt => new SleepEvent
            {
                Device = device, At = at, Kind = kind, Stage = stage, Received = receipt,
            });

    public static Arrival Migraine(string id, int revision, Instant start, Instant received) =>
        Entry("diary", "episode", id, revision, start, received, $"{start}", at => new Episode
        {
            Id = id, Revision = revision, Type = EpisodeType.Migraine, Start = start, Received = at,
        });

    public static Arrival NoAttack(string id, int revision, LocalDate day, Instant received) =>
        Entry("diary", "episode", id, revision, day.AtMidnight().InUtc().ToInstant(), received, $"none {day}",
            at => new NoAttack { Id = id, Revision = revision, Day = day, Received = at });

    static Arrival Of(Instant received, List<Sample> samples, SampleFact fact)
    {
        var device = samples.Count > 0 ? samples[0].Series.Device : "watch";
        return new Arrival(Delivery(device, "kind", received, Encoding.UTF8.GetString(fact.Json.Span)),
            new Decoded
            {
                Wearer = Journal.Ada, Device = device, Kind = "kind", Samples = samples, Facts = [fact],
            });
    }

    static Delivery Delivery(string device, string kind, Instant received, string text) =>
        Journal.Sent($"spasmstream/v1/in/ada/{device}/{kind}", Encoding.UTF8.GetBytes(text), received);

    static List<Sample> At(Instant received, int revision, IEnumerable<Sample> samples) =>
        [.. samples.Select(sample => sample with { Received = received, Revision = revision })];

    static string Text(IEnumerable<Sample> samples) => string.Join(' ', samples.Select(sample =>
        FormattableString.Invariant($"{sample.Series} {sample.Start} {sample.Duration} {sample.Value}")));
}
