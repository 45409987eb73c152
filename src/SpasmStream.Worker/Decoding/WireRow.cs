using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>What one instant of an encoded message says: up to three values that travel together.</summary>
/// <param name="Like">A sample of it: the start and all that its values share.</param>
/// <param name="First">The value of the leading signal.</param>
/// <param name="Second">The second value, when there is one.</param>
/// <param name="Third">The third.</param>
/// <param name="SinceMs">When its counter began.</param>
readonly record struct WireRow(
    Sample Like, double? First, double? Second = null, double? Third = null, long? SinceMs = null)
{
    /// <summary>The most values of a row.</summary>
    public const int MaxValues = 3;

    readonly record struct Key(
        Instant Start, Duration Duration, SampleFlags Flags, double? Quality, int? Offset, int Revision);

    public long StartMs => Like.Start.ToUnixTimeMilliseconds();

    /// <summary>What a column says of its place: the start, of an interval between beats the end.</summary>
    public long PlaceMs => StartMs
        + (Like.Series.Signal == Signal.RrInterval ? RrIntervals.WholeMs(Like.Value) : 0);

    public double? Value(int which) => which switch { 0 => First, 1 => Second, _ => Third };

    /// <summary>The member of a lead's value; null when it has no such one.</summary>
    public static string? NameOf(Signal signal, int which) => (signal, which) switch
    {
        (Signal.HeartRate, 0) => "bpm",
        (Signal.Steps, 0) => "steps",
        (Signal.StepCounter or Signal.StepCounterSince, 0) => "total",
        (Signal.RrInterval, 0) => "rr",
        (Signal.HrvRmssd or Signal.HrvSdnn or Signal.HrvBeats, _) =>
            which switch { 0 => "rmssd", 1 => "sdnn", _ => "n" },
        _ => null,
    };

    /// <summary>The rows of samples of one lead; what belongs to one instant is joined.</summary>
    public static List<WireRow> Of(IReadOnlyList<Sample> samples)
    {
        var rows = new List<WireRow>(samples.Count);
        var known = new Dictionary<Key, int>();
        foreach (var sample in samples)
        {
            if (WireEncoder.LeadOf(sample.Series).Signal is not (Signal.StepCounter or Signal.HrvRmssd))
            {
                rows.Add(new WireRow(sample, sample.Value));
                continue;
            }

            var key = new Key(
                sample.Start, sample.Duration, sample.Flags & WireEncoder.OnWire, sample.Quality,
                sample.OffsetMinutes, sample.Revision);
            var row = new WireRow(sample, null).With(sample);
            // A second value of the same signal, one that lost to the other, begins a row of its own.
            if (known.TryGetValue(key, out var at) && !rows[at].Has(sample.Series.Signal))
            {
                rows[at] = rows[at].With(sample);
                continue;
            }

            known[key] = rows.Count;
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Whether both can be rows of one object.</summary>
    public bool GoesWith(in WireRow other)
    {
        var (a, b) = (Like, other.Like);
        return !IsSinceAlone && !other.IsSinceAlone && SinceMs == other.SinceMs
            && (a.Duration == b.Duration || a.Series.Signal == Signal.RrInterval) && a.Quality == b.Quality
            && (a.Flags & WireEncoder.OnWire) == (b.Flags & WireEncoder.OnWire)
            && a.OffsetMinutes == b.OffsetMinutes && a.Revision == b.Revision;
    }

    bool IsSinceAlone => SinceMs is not null && First is null;

    bool Has(Signal signal) => signal switch
    {
        Signal.HrvSdnn => Second is not null,
        Signal.HrvBeats => Third is not null,
        Signal.StepCounterSince => SinceMs is not null,
        _ => First is not null,
    };

    WireRow With(in Sample sample) => sample.Series.Signal switch
    {
        Signal.HrvSdnn => this with { Second = sample.Value },
        Signal.HrvBeats => this with { Third = sample.Value },
        Signal.StepCounterSince => this with { SinceMs = (long)sample.Value },
        _ => this with { First = sample.Value },
    };
}
