using System.Diagnostics.Metrics;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// What can be watched of the worker: the counters of the file, and what waits. No label names a wearer, a
/// device, a topic or an address; what labels there are say loops, parts and kinds of reasons.
/// </summary>
sealed class WorkerMeter
{
    static readonly string[] _nouns =
        ["messages", "samples", "dead_letters", "items", "entries", "rows", "points"];

    readonly Meter _meter;
    readonly Ledger _ledger;

    public WorkerMeter(IMeterFactory meters, Ledger ledger, DeliveryQueue queue, DiskGauge disk,
        Heartbeats heartbeats, Health health, HealthReport report, IntakeState intake,
        EmbeddedBroker? broker = null)
    {
        (_meter, _ledger) = (meters.Create(Timings.Meter), ledger);
        // The first that is asked turns the page for all that follow: sums are of one commit.
        foreach (var counter in Enum.GetValues<Counter>())
            _meter.CreateObservableCounter(NameOf(counter),
                () => Of(page => page.Of(counter), turn: counter == Counter.MessagesReceived));
        Gauge("spasmstream.points.waiting", null, "Points that wait for InfluxDB.",
            page => page.PointsWaiting);
        Gauge("spasmstream.forward.size", "By", "What they take in the store.", page => page.Backlog.Bytes);
        Gauge("spasmstream.forward.age", "s", "How long the first of them has waited.",
            page => page.Backlog.Age.TotalSeconds);
        Gauge("spasmstream.outbox.waiting", null, "Announcements not yet delivered.", page => page.Outbox);
        Gauge("spasmstream.store.log.size", "By", "The log of commits.", page => page.Log);
        _meter.CreateObservableGauge("spasmstream.dead_letters.kept", () => _ledger.Page is { } page
            ? page.DeadLetters.Select(it => new Measurement<long>(it.Value, Tag("reason", it.Key))) : [],
            null, "Dead letters in the store, by the kind of their reason.");
        Gauges(queue, disk, heartbeats);
        Gauges(health, report, intake, broker);
    }

    /// <summary>MessagesReceived is <c>spasmstream.messages.received</c>.</summary>
    public static string NameOf(Counter counter)
    {
        var snake = string.Concat(counter.ToString()
            .Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}"
                : $"{char.ToLowerInvariant(c)}"));
        var noun = Array.Find(_nouns, it => snake.StartsWith(it + "_", StringComparison.Ordinal));
        return "spasmstream." + (counter == Counter.DeadLetters ? "dead_letters.written"
            : noun is null ? snake : $"{noun}.{snake[(noun.Length + 1)..]}");
    }

    void Gauges(DeliveryQueue queue, DiskGauge disk, Heartbeats heartbeats)
    {
        _meter.CreateObservableGauge("spasmstream.messages.waiting", () => queue.Messages, null,
            "Messages received and not yet committed; none of them is in a counter.");
        _meter.CreateObservableGauge("spasmstream.messages.waiting.size", () => queue.Bytes, "By",
            "What they take in memory.");
        _meter.CreateObservableGauge("spasmstream.store.size", () => disk.Held, "By",
            "What the store holds.");
        _meter.CreateObservableGauge("spasmstream.store.fullness", () => disk.Fullness, null,
            "The share that is taken of what the store may hold on this disk.");
        _meter.CreateObservableGauge("spasmstream.forward.fullness", () => disk.Waiting, null,
            "The share that is taken of what may wait for InfluxDB.");
        _meter.CreateObservableGauge("spasmstream.loop.age", () => heartbeats.All.Select(beat =>
                new Measurement<double>(Math.Max(0, beat.Since.TotalSeconds), Tag("loop", beat.Loop))), "s",
            "How long ago each loop was seen to go round; 0 while it sleeps as long as it said.");
    }

    void Gauges(Health health, HealthReport report, IntakeState intake, EmbeddedBroker? broker)
    {
        _meter.CreateObservableGauge("spasmstream.live", () => Bit(health.IsLive), null,
            "1 while every loop goes round.");
        _meter.CreateObservableGauge("spasmstream.ready", () => Bit(health.IsReady), null,
            "1 while messages are taken in and kept.");
        _meter.CreateObservableGauge("spasmstream.trouble", () =>
            {
                var troubled = report.Reasons().Select(it => it.Part).ToHashSet(StringComparer.Ordinal);
                return HealthReport.Parts.Select(part =>
                    new Measurement<int>(Bit(troubled.Contains(part)), Tag("part", part)));
            }, null, "1 for each part of which /health has something to say.");
        if (broker is null)
            _meter.CreateObservableGauge("spasmstream.broker.connected", () => Bit(intake.Listening), null,
                "1 while the broker gives us all we subscribed to.");
        else
            _meter.CreateObservableGauge("spasmstream.broker.devices", () => broker.Devices, null,
                "Devices connected to the embedded broker.");
    }

    void Gauge(string name, string? unit, string description, Func<LedgerPage, double> value) =>
        _meter.CreateObservableGauge(name, () => Of(value, turn: false), unit, description);

    // What cannot be asked is left out: an old value would pass for one of now.
    IEnumerable<Measurement<T>> Of<T>(Func<LedgerPage, T> value, bool turn)
        where T : struct =>
        (turn ? _ledger.Turn() : _ledger.Page) is { } page ? [new Measurement<T>(value(page))] : [];

    static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);

    static int Bit(bool value) => value ? 1 : 0;
}
