using System.Diagnostics.Metrics;

namespace SpasmStream.Worker;

/// <summary>
/// How long things take, in seconds, for whoever listens; it costs nothing while nobody does.
/// </summary>
sealed class Timings
{
    /// <summary>What all metrics of ours belong to.</summary>
    public const string Meter = "SpasmStream";

    static readonly InstrumentAdvice<double> _steps = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    readonly Histogram<double> _commit;
    readonly Histogram<double> _acknowledge;
    readonly Histogram<double> _forward;

    public Timings(IMeterFactory meters)
    {
        var meter = meters.Create(Meter);
        _commit = Of(meter, "spasmstream.commit.duration", "One transaction of the store, with its fsync.");
        _acknowledge = Of(meter, "spasmstream.acknowledge.duration",
            "From the receipt of a message to its acknowledgement, which its commit comes before.");
        _forward = Of(meter, "spasmstream.forward.duration", "One request to InfluxDB, with its answer.");
    }

    /// <summary>Whether anybody wants to know of each message.</summary>
    public bool WantsMessages => _acknowledge.Enabled;

    public void Committed(TimeSpan took) => _commit.Record(took.TotalSeconds);

    public void Acknowledged(double seconds) => _acknowledge.Record(seconds);

    public void Forwarded(TimeSpan took) => _forward.Record(took.TotalSeconds);

    static Histogram<double> Of(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, advice: _steps);
}
