using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What one series said in one hour, every value that was ever sent for it.</summary>
sealed class RecordedHour(long number, Series series)
{
    readonly List<Sample> _samples = [];
    readonly List<(Sample Sample, RecordedFact Fact)> _facts = [];

    // Most hours come once and in order: then no two values share a key, and there is nothing to settle.
    bool _isPlain = true;

    /// <summary>Hours since 1970.</summary>
    public long Number => number;

    public Series Series => series;

    public void Add(in Sample sample)
    {
        _isPlain &= _samples.Count == 0 || _samples[^1].Start < sample.Start;
        _samples.Add(sample);
    }

    public void Add(in Sample sample, RecordedFact fact)
    {
        _isPlain = false;
        _facts.Add((sample, fact));
    }

    /// <summary>Adds the winning samples that overlap [from, to), as of an instant.</summary>
    public void Standing(List<Sample> to, Instant start, Instant end, Instant asOf)
    {
        // What a reading of a running count means lies between it and its neighbours.
        if (HourFold.IsCounter(series.Signal))
            (start, end) = (start - HourFold.StepsMax, end + HourFold.StepsMax);
        if (_isPlain)
        {
            foreach (var sample in _samples)
                if (sample.Received <= asOf && IsWithin(sample, start, end))
                    to.Add(sample);
            return;
        }

        var known = Ms.Of(asOf);
        to.AddRange(Plain(_samples.Where(sample => sample.Received <= asOf))
            .Concat(_facts.Where(told => told.Fact.Stands(known)).Select(static told =>
                (told.Sample with { Received = Ms.ToInstant(told.Fact.Version.Received) }, told.Fact.Number)))
            .Where(told => IsWithin(told.Item1, start, end))
            .GroupBy(static told => (told.Item1.Start, told.Item1.Duration))
            .OrderBy(static key => key.Key)
            .Select(static rivals => rivals.MaxBy(static told =>
                (told.Item1.Revision, told.Item1.Received, told.Item1.Value, told.Item2)).Item1));
    }

    /// <summary>Whether a plain value came with that receipt that had not been sent before.</summary>
    public bool HasNews(Instant received)
    {
        var before = _samples.Where(sample => sample.Received < received).Select(Fact).ToHashSet();
        return _samples.Exists(sample => sample.Received == received && !before.Contains(Fact(sample)));
    }

    static bool IsWithin(in Sample sample, Instant start, Instant end) =>
        sample.Start < end && (sample.Start >= start || sample.Start + sample.Duration > start);

    // The same value with the same revision counts from its first receipt.
    static IEnumerable<(Sample, long)> Plain(IEnumerable<Sample> samples) => samples
        .GroupBy(Fact)
        .Select(static same => (same.MinBy(static sample => sample.Received), 0L));

    static (Instant, Duration, double, int) Fact(Sample sample) =>
        (sample.Start, sample.Duration, sample.Value, sample.Revision);
}
