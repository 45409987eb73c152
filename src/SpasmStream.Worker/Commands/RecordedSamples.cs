using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// One wearer's samples in memory, by series and the hour they begin in, under the same rule of which value
/// wins.
/// </summary>
sealed class RecordedSamples
{
    const long MillisecondsPerHour = 3_600_000;

    readonly Dictionary<long, List<RecordedHour>> _hours = [];
    readonly List<(long Received, long Hour)> _changes = [];
    RecordedHour? _last;
    bool _sorted = true;

    /// <summary>The first receipt of all; null before any.</summary>
    public Instant? FirstReceipt { get; private set; }

    public void Add(in Sample sample)
    {
        FirstReceipt = FirstReceipt < sample.Received ? FirstReceipt : sample.Received;
        var start = sample.Start.ToUnixTimeMilliseconds();
        HourOf(start / MillisecondsPerHour, sample.Series).Add(sample);

        // The fold uses nothing longer than an hour.
        var reach = Math.Clamp((long)sample.Duration.TotalMilliseconds - 1, 0, MillisecondsPerHour);
        var received = sample.Received.ToUnixTimeMilliseconds();
        for (var h = start / MillisecondsPerHour; h <= (start + reach) / MillisecondsPerHour; h++)
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
        {
            var received = Instant.FromUnixTimeMilliseconds(_changes[i].Received);
            if (_hours.GetValueOrDefault(_changes[i].Hour)?.Exists(hour => hour.HasNews(received)) == true)
                return received;
        }

        return null;
    }

    /// <summary>The winning samples that overlap [from, to), as of an instant, series by series.</summary>
    public IReadOnlyList<Sample> Standing(Instant from, Instant to, Instant asOf)
    {
        var standing = new List<Sample>();
        for (var h = from.ToUnixTimeMilliseconds() / MillisecondsPerHour - 1;
            h * MillisecondsPerHour < to.ToUnixTimeMilliseconds(); h++)
            foreach (var hour in _hours.GetValueOrDefault(h) ?? [])
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
        if (!_sorted)
            _changes.Sort();
        _sorted = true;
    }
}
