using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// What is synced: the samples that stand, what became of each message, and what is to be sent on.
/// </summary>
sealed class KeptContent
{
    readonly List<ForwardSample> _log = [];
    readonly Dictionary<(WearerId, Series), ForwardSeries> _series = [];

    public Dictionary<SampleIdentity, Standing> Samples { get; } = [];

    /// <summary>What became of a message, and its receipt the first time.</summary>
    public Dictionary<int, KeptMessage> Messages { get; } = [];

    /// <summary>Samples that InfluxDB refuses, by the value that names them.</summary>
    public HashSet<double> Refused { get; } = [];

    /// <summary>How far the log is forwarded.</summary>
    public long Forwarded { get; private set; }

    public long Unforwarded => _log.Count - Forwarded;

    public Drops Dropped { get; private set; }

    public DeliveryOutcome[] Append(IReadOnlyList<Arrival> arrivals, Drops dropped)
    {
        if (dropped.Count > 0)
            Dropped = Dropped with { Count = Dropped.Count + dropped.Count };
        return [.. arrivals.Select(Append)];
    }

    public ForwardBatch? Take(long after, int points)
    {
        after = Math.Max(after, Forwarded);
        var taken = (int)Math.Min(points, _log.Count - after);
        return taken == 0 ? null
            : new ForwardBatch(after + taken, _log.GetRange((int)after, taken), []);
    }

    public bool Mark(ForwardBatch batch, IReadOnlyList<RefusedPoint> refused)
    {
        if (batch.UpTo < Forwarded || batch.UpTo > _log.Count)
            throw new SimulationException($"Forwarded up to {batch.UpTo}, after {Forwarded}.");
        foreach (var point in refused)
            Refused.Add(batch.Samples[point.Index].Value);
        Forwarded = batch.UpTo;
        return true;
    }

    DeliveryOutcome Append(Arrival arrival)
    {
        var received = arrival.Delivery.Received.ToUnixTimeMilliseconds();
        var outcome = arrival.Foretell();
        var fate = arrival.Ignored ? SentFate.Ignored
            : outcome.Reason is null ? SentFate.Stored : SentFate.Refused;
        var number = Ledger.NumberOf(arrival.Delivery.Payload.Span);
        Messages.TryAdd(number, new KeptMessage(fate, received));
        if (fate != SentFate.Stored || arrival.Decoded.Wearer is not { } wearer)
            return outcome;
        var isNews = false;
        foreach (var sample in arrival.Decoded.Samples)
            isNews |= Put(wearer, sample, received);
        return outcome with { IsNews = isNews };
    }

    bool Put(WearerId wearer, in Sample sample, long received)
    {
        var key = new SampleIdentity(wearer, sample.Series, sample.Start.ToUnixTimeMilliseconds(),
            (long)sample.Duration.TotalMilliseconds);
        if (!Samples.TryGetValue(key, out var standing))
            Samples[key] = standing = new Standing();
        if (!standing.Weigh(sample.Revision, received, sample.Value))
            return false;
        if (!_series.TryGetValue((wearer, sample.Series), out var series))
            _series[(wearer, sample.Series)] = series =
                new ForwardSeries($"w-{wearer}", sample.Series);
        _log.Add(new ForwardSample(series, key.Start, key.Duration, standing.Value, standing.Received,
            double.NaN, ForwardSample.NoOffset, false));
        return true;
    }
}

/// <summary>What tells a sample from all others (D5).</summary>
readonly record struct SampleIdentity(WearerId Wearer, Series Series, long Start, long Duration);

/// <summary>A message that is in the file.</summary>
readonly record struct KeptMessage(SentFate Fate, long Received);

/// <summary>The value that stands: of the higher revision, else received later, else greater.</summary>
sealed class Standing
{
    readonly List<(int Revision, double Value)> _seen = [];

    public int Revision { get; private set; }

    public long Received { get; private set; } = long.MinValue;

    public double Value { get; private set; }

    /// <summary>True when it stands now; what was told before changes nothing.</summary>
    public bool Weigh(int revision, long received, double value)
    {
        if (_seen.Contains((revision, value)))
            return false;
        _seen.Add((revision, value));
        if (_seen.Count > 1 && (revision, received, value).CompareTo((Revision, Received, Value)) <= 0)
            return false;
        (Revision, Received, Value) = (revision, received, value);
        return true;
    }
}
