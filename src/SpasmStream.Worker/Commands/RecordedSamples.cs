using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// One wearer's samples in memory, by series and the hour they begin in, under the same rule of which value
/// wins.
/// </summary>
sealed class RecordedSamples
{
    const long MillisecondsPerHour = 3_600_000;

    readonly Dictionary<long, List<RecordedHour>> _hours = [];
    readonly List<(long Received, long Hour)> _plain = [];
    readonly RecordedFacts _facts = new();
    List<(long Received, long Hour)> _changes = [];
    RecordedHour? _last;
    bool _sorted = true;

    /// <summary>The first receipt of all; null before any.</summary>
    public Instant? FirstReceipt
    {
        get
        {
            Sort();
            return Ms.ToInstant(_facts.Receipts.Concat(_changes.Take(1).Select(change => change.Received))
                .Select(static ms => (long?)ms).Min());
        }
    }

    /// <summary>Takes in all samples of a message.</summary>
    public void Add(Delivery delivery, Decoded decoded)
    {
        var plain = 0;
        foreach (var fact in decoded.Facts)
        {
            for (; plain < fact.First; plain++)
                Add(decoded.Samples[plain]);
            plain = fact.First + fact.Count;
            if (_facts.Add(delivery, decoded, fact) is not { } version)
                continue;
            for (var i = fact.First; i < plain; i++)
                Add(decoded.Samples[i] with { Revision = fact.Revision }, version);
        }

        for (; plain < decoded.Samples.Count; plain++)
            Add(decoded.Samples[plain]);
        _sorted = false;
    }

    void Add(in Sample sample)
    {
        var start = sample.Start.ToUnixTimeMilliseconds();
        HourOf(start / MillisecondsPerHour, sample.Series).Add(sample);
        var (first, last) = HourFold.HoursTouched(
            sample.Series.Signal, start, (long)sample.Duration.TotalMilliseconds);
        var received = sample.Received.ToUnixTimeMilliseconds();
        for (var h = first; h <= last; h++)
            if (_plain.Count == 0 || _plain[^1] != (received, h))
                _plain.Add((received, h));
    }

    void Add(in Sample sample, RecordedFact version)
    {
        var hour = sample.Start.ToUnixTimeMilliseconds() / MillisecondsPerHour;
        HourOf(hour, sample.Series).Add(sample, version);
        version.Touch(sample);
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
        var fact = Ms.ToInstant(_facts.Receipts.Select(static ms => (long?)ms).Max());
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            var received = Instant.FromUnixTimeMilliseconds(_changes[i].Received);
            if (received <= fact
                || _hours.GetValueOrDefault(_changes[i].Hour)?.Exists(hour => hour.HasNews(received)) == true)
                return fact >= received ? fact : received;
        }

        return fact;
    }

    /// <summary>The winning samples that overlap [from, to), as of an instant, series by series.</summary>
    public IReadOnlyList<Sample> Standing(Instant from, Instant to, Instant asOf)
    {
        _facts.Settle();
        var standing = new List<Sample>();
        // An hour longer on either side: for what reaches in, and for running counts.
        for (var h = from.ToUnixTimeMilliseconds() / MillisecondsPerHour - 1;
            h * MillisecondsPerHour < to.ToUnixTimeMilliseconds() + MillisecondsPerHour; h++)
            foreach (var hour in _hours.GetValueOrDefault(h) ?? [])
                if (HourFold.Uses(hour.Series.Signal))
                    hour.Standing(standing, from, to, asOf);
        return standing;
    }

    RecordedHour HourOf(long number, Series series)
    {
        if (_last is { } last && last.Number == number && ReferenceEquals(last.Series, series))
            return last;
        if (!_hours.TryGetValue(number, out var hours))
            _hours[number] = hours = [];
        var hour = hours.Find(h => h.Series == series);
        if (hour is null)
            hours.Add(hour = new RecordedHour(number, series));
        return _last = hour;
    }

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

    void Sort()
    {
        if (_sorted)
            return;
        _facts.Settle();
        _changes = [.. _plain, .. _facts.Changes()];
        _changes.Sort();
        _sorted = true;
    }
}
