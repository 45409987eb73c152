using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// One wearer's samples in memory, by the hour they begin in, under the same rule of which value wins.
/// </summary>
sealed class RecordedSamples
{
    const long MillisecondsPerHour = 3_600_000;

    readonly Dictionary<long, List<Recorded>> _hours = [];
    readonly Dictionary<Series, int> _series = [];
    readonly List<(long Received, long Hour)> _changes = [];
    Series? _lastSeries;
    int _lastNumber;
    bool _sorted = true;

    /// <summary>The first receipt of all; null before any.</summary>
    public Instant? FirstReceipt { get; private set; }

    public void Add(in Sample sample)
    {
        if (!ReferenceEquals(sample.Series, _lastSeries))
            (_lastSeries, _lastNumber) = (sample.Series, NumberOf(sample.Series));
        var recorded = new Recorded(sample, _lastNumber);
        FirstReceipt = FirstReceipt < sample.Received ? FirstReceipt : sample.Received;
        var start = sample.Start.ToUnixTimeMilliseconds();
        if (_hours.TryGetValue(start / MillisecondsPerHour, out var hour))
            hour.Add(recorded);
        else
            _hours[start / MillisecondsPerHour] = [recorded];

        var received = sample.Received.ToUnixTimeMilliseconds();
        // The fold uses nothing longer than an hour.
        var reach = Math.Clamp((long)sample.Duration.TotalMilliseconds - 1, 0, MillisecondsPerHour);
        var last = (start + reach) / MillisecondsPerHour;
        for (var h = start / MillisecondsPerHour; h <= last; h++)
            if (_changes.Count == 0 || _changes[^1] != (received, h))
                _changes.Add((received, h));
        _sorted = false;
    }

    /// <summary>Starts of the hours touched by what was received in (after, until], ascending.</summary>
    public IReadOnlyList<Instant> ChangedHours(Instant after, Instant until)
    {
        Sort();
        var limit = until.ToUnixTimeMilliseconds();
        var hours = new SortedSet<long>();
        for (var i = FirstAfter(after.ToUnixTimeMilliseconds());
            i < _changes.Count && _changes[i].Received <= limit; i++)
            hours.Add(_changes[i].Hour);
        return hours.Select(hour => Instant.FromUnixTimeMilliseconds(hour * MillisecondsPerHour)).ToList();
    }

    /// <summary>
    /// The newest receipt of a value that was not here before, as a store keeps it; null before any.
    /// </summary>
    public Instant? LastReceipt()
    {
        Sort();
        for (var i = _changes.Count - 1; i >= 0; i--)
            if (_hours.TryGetValue(_changes[i].Hour, out var hour) && HasNews(hour, _changes[i].Received))
                return Instant.FromUnixTimeMilliseconds(_changes[i].Received);
        return null;
    }

    /// <summary>The winning samples that overlap [from, to), as of an instant.</summary>
    public IReadOnlyList<Sample> Standing(Instant from, Instant to, Instant asOf)
    {
        var known = new List<Recorded>();
        for (var h = from.ToUnixTimeMilliseconds() / MillisecondsPerHour - 1;
            h * MillisecondsPerHour < to.ToUnixTimeMilliseconds(); h++)
            if (_hours.TryGetValue(h, out var hour))
                Keep(hour, known, from, to, asOf);
        known.Sort(static (a, b) => a.CompareKey(b) is var order and not 0 ? order : a.CompareClaim(b));

        var standing = new List<Sample>(known.Count);
        for (var i = 0; i < known.Count;)
        {
            var next = i + 1;
            while (next < known.Count && known[next].CompareKey(known[i]) == 0)
                next++;
            standing.Add(next == i + 1 ? known[i].Sample : Winner(known.GetRange(i, next - i)));
            i = next;
        }

        return standing;
    }

    static void Keep(List<Recorded> from, List<Recorded> to, Instant start, Instant end, Instant asOf)
    {
        foreach (var recorded in from)
        {
            var sample = recorded.Sample;
            if (sample.Received <= asOf && sample.Start < end
                && (sample.Start >= start || sample.Start + sample.Duration > start))
                to.Add(recorded);
        }
    }

    static bool HasNews(List<Recorded> hour, long received)
    {
        var at = Instant.FromUnixTimeMilliseconds(received);
        var before = hour.Where(r => r.Sample.Received < at).Select(r => r.Fact).ToHashSet();
        return hour.Exists(r => r.Sample.Received == at && !before.Contains(r.Fact));
    }

    void Sort()
    {
        if (!_sorted)
            _changes.Sort();
        _sorted = true;
    }

    // The same value with the same revision counts from its first receipt.
    static Sample Winner(List<Recorded> rivals) => rivals
        .GroupBy(r => (r.Sample.Value, r.Sample.Revision))
        .Select(same => same.MinBy(r => r.Sample.Received).Sample)
        .MaxBy(sample => (sample.Revision, sample.Received, sample.Value));

    int FirstAfter(long received)
    {
        var (low, high) = (0, _changes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_changes[middle].Received <= received)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    int NumberOf(Series series) =>
        _series.TryGetValue(series, out var number) ? number : _series[series] = _series.Count;

    /// <summary>A sample with its series as a number, to be compared quickly.</summary>
    readonly record struct Recorded(Sample Sample, int Series)
    {
        /// <summary>All that makes it the same value sent again.</summary>
        public (int, Instant, Duration, double, int) Fact =>
            (Series, Sample.Start, Sample.Duration, Sample.Value, Sample.Revision);

        public int CompareKey(in Recorded other) =>
            Sample.Start != other.Sample.Start ? Sample.Start.CompareTo(other.Sample.Start)
            : Series != other.Series ? Series.CompareTo(other.Series)
            : Sample.Duration.CompareTo(other.Sample.Duration);

        public int CompareClaim(in Recorded other) =>
            Sample.Received != other.Sample.Received ? Sample.Received.CompareTo(other.Sample.Received)
            : Sample.Value.CompareTo(other.Sample.Value);
    }
}
