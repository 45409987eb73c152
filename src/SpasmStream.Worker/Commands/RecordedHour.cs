using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Commands;

/// <summary>What one series said in one hour, every value that was ever sent for it.</summary>
sealed class RecordedHour(long number, Series series)
{
    readonly List<Sample> _samples = [];

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

    /// <summary>Adds the winning samples that overlap [from, to), as of an instant.</summary>
    public void Standing(List<Sample> to, Instant start, Instant end, Instant asOf)
    {
        if (_isPlain)
        {
            foreach (var sample in _samples)
                if (IsWanted(sample, start, end, asOf))
                    to.Add(sample);
            return;
        }

        to.AddRange(_samples
            .Where(sample => IsWanted(sample, start, end, asOf))
            .GroupBy(sample => (sample.Start, sample.Duration))
            .OrderBy(key => key.Key)
            .Select(Winner));
    }

    /// <summary>Whether a value came with that receipt that had not been sent before.</summary>
    public bool HasNews(Instant received)
    {
        var before = _samples.Where(sample => sample.Received < received).Select(Fact).ToHashSet();
        return _samples.Exists(sample => sample.Received == received && !before.Contains(Fact(sample)));
    }

    static bool IsWanted(in Sample sample, Instant start, Instant end, Instant asOf) =>
        sample.Received <= asOf && sample.Start < end
        && (sample.Start >= start || sample.Start + sample.Duration > start);

    // The same value with the same revision counts from its first receipt.
    static Sample Winner(IEnumerable<Sample> rivals) => rivals
        .GroupBy(sample => (sample.Value, sample.Revision))
        .Select(same => same.MinBy(sample => sample.Received))
        .MaxBy(sample => (sample.Revision, sample.Received, sample.Value));

    static (Instant, Duration, double, int) Fact(Sample sample) =>
        (sample.Start, sample.Duration, sample.Value, sample.Revision);
}
