using System.Runtime.InteropServices;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Features;

/// <summary>A sample as the hour sees it: ticks from the hour's start, and its source's rank.</summary>
readonly record struct Reading(
    Signal Signal, int Rank, long Start, long End, Stat Stat, double Value, bool Usable, int Revision,
    long Received);

/// <summary>
/// The samples of one hour, one for each identity, sorted by signal, rank of their source and time.
/// </summary>
sealed class HourReadings
{
    /// <summary>One source and one device it speaks for, with the rank it earned.</summary>
    readonly record struct Track(string Device, string Source, bool IsCounter);

    public const SampleFlags Unusable =
        SampleFlags.OffSkin | SampleFlags.Implausible | SampleFlags.Imputed | SampleFlags.Deleted;

    readonly List<Reading> _readings = [];
    readonly List<Track> _tracks = [];
    readonly List<(int Track, CounterReading Reading)> _counters = [];
    int[] _deviceOf = [];
    bool[] _isCounter = [];
    int _heartRates;

    /// <summary>Sources: ranks run from 0, best first.</summary>
    public int Ranks => _tracks.Count;

    public ReadOnlySpan<Reading> HeartRates => CollectionsMarshal.AsSpan(_readings)[.._heartRates];

    public ReadOnlySpan<Reading> Steps => CollectionsMarshal.AsSpan(_readings)[_heartRates..];

    /// <summary>For each rank the minutes, as bits, in which its device was certainly worn.</summary>
    public ulong[] Worn { get; private set; } = [];

    /// <summary>The first rank of the device that the rank belongs to.</summary>
    public int DeviceOf(int rank) => _deviceOf[rank];

    /// <summary>Whether the rank's steps are differences of a running count.</summary>
    public bool IsCounter(int rank) => _isCounter[rank];

    public static HourReadings Gather(
        Instant hourStart, IEnumerable<Sample> samples, IReadOnlyList<string> preferredDevices)
    {
        var hour = new HourReadings();
        hour.Collect(hourStart.ToUnixTimeTicks(), samples);
        hour.RankSources(preferredDevices);
        hour.KeepWinners();
        return hour;
    }

    void Collect(long hourStart, IEnumerable<Sample> samples)
    {
        if (samples.TryGetNonEnumeratedCount(out var count))
            _readings.EnsureCapacity(count);
        Series? series = null;
        var track = -1;
        foreach (var sample in samples)
        {
            var signal = sample.Series.Signal;
            if (!HourFold.Uses(signal))
                continue;
            var start = sample.Start.ToUnixTimeTicks() - hourStart;
            var end = start + sample.Duration.BclCompatibleTicks;
            var isInside = start >= 0 ? start < NodaConstants.TicksPerHour : end > 0;
            var max = signal == Signal.HeartRate ? HourFold.HeartRateMax : HourFold.StepsMax;
            if ((!isInside && !HourFold.IsCounter(signal)) || end < start || sample.Duration > max)
                continue;
            if (!ReferenceEquals(sample.Series, series))
            {
                series = sample.Series;
                track = TrackOf(series);
            }
            if (HourFold.IsCounter(signal))
            {
                _counters.Add((track, CounterReading.Of(sample, hourStart)));
                continue;
            }
            _readings.Add(new Reading(
                signal, track, start, end, series.Stat, sample.Value, IsUsable(sample),
                sample.Revision, sample.Received.ToUnixTimeTicks()));
        }

        foreach (var counter in _counters.GroupBy(static counter => counter.Track))
            foreach (var steps in CounterFold.StepsOf(counter.Select(static c => c.Reading), counter.Key))
                if (steps.Start < NodaConstants.TicksPerHour && steps.End > 0)
                    _readings.Add(steps);
    }

    int TrackOf(Series series)
    {
        var track = new Track(series.Device, series.Source, HourFold.IsCounter(series.Signal));
        var index = _tracks.IndexOf(track);
        if (index >= 0)
            return index;
        _tracks.Add(track);
        return _tracks.Count - 1;
    }

    static bool IsUsable(in Sample sample)
    {
        if ((sample.Flags & Unusable) != 0)
            return false;
        if (sample.Series.Signal == Signal.HeartRate)
            return sample.Series.Stat is Stat.Raw or Stat.Mean or Stat.Last
                && PlausibleRange.Of(Signal.HeartRate).IsUsable(sample.Value);
        // A burst shorter than a minute may be quick; what counts is what the minute holds.
        var minutes = Math.Max(1, sample.Duration.TotalMinutes);
        return sample.Series.Stat is Stat.Raw or Stat.Sum
            && PlausibleRange.Of(Signal.Steps).IsUsable(sample.Value / minutes);
    }

    void RankSources(IReadOnlyList<string> preferredDevices)
    {
        var order = new int[_tracks.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (a, b) => Compare(_tracks[a], _tracks[b], preferredDevices));

        var rankOf = new int[order.Length];
        _deviceOf = new int[order.Length];
        _isCounter = new bool[order.Length];
        Worn = new ulong[order.Length];
        for (var rank = 0; rank < order.Length; rank++)
        {
            rankOf[order[rank]] = rank;
            _isCounter[rank] = _tracks[order[rank]].IsCounter;
            var isSameDevice = rank > 0 && _tracks[order[rank]].Device == _tracks[order[rank - 1]].Device;
            _deviceOf[rank] = isSameDevice ? _deviceOf[rank - 1] : rank;
        }
        foreach (ref var reading in CollectionsMarshal.AsSpan(_readings))
            reading = reading with { Rank = rankOf[reading.Rank] };
    }

    static int Compare(Track a, Track b, IReadOnlyList<string> preferredDevices)
    {
        var byPreference = DevicePreference.IndexOf(preferredDevices, a.Device)
            .CompareTo(DevicePreference.IndexOf(preferredDevices, b.Device));
        if (byPreference != 0)
            return byPreference;
        var byDevice = string.CompareOrdinal(a.Device, b.Device);
        if (byDevice != 0)
            return byDevice;
        return a.IsCounter != b.IsCounter
            ? a.IsCounter.CompareTo(b.IsCounter) : string.CompareOrdinal(a.Source, b.Source);
    }

    void KeepWinners()
    {
        var readings = CollectionsMarshal.AsSpan(_readings);
        // A store hands them over in order nearly always, and a look is cheaper than a sort.
        for (var i = 1; i < readings.Length; i++)
            if (Compare(readings[i - 1], readings[i]) > 0)
            {
                readings.Sort(static (a, b) => Compare(a, b));
                break;
            }

        var kept = 0;
        for (var i = 0; i < readings.Length; i++)
        {
            if (i + 1 < readings.Length && IsSameFact(readings[i], readings[i + 1]))
                continue; // a better version of it follows
            if (readings[i].Usable)
                readings[kept++] = readings[i];
        }
        _readings.RemoveRange(kept, readings.Length - kept);
        while (_heartRates < kept && readings[_heartRates].Signal == Signal.HeartRate)
            _heartRates++;
    }

    static bool IsSameFact(in Reading a, in Reading b) =>
        a.Signal == b.Signal && a.Rank == b.Rank && a.Start == b.Start && a.End == b.End && a.Stat == b.Stat;

    static int Compare(in Reading a, in Reading b)
    {
        if (a.Signal != b.Signal)
            return a.Signal < b.Signal ? -1 : 1;
        if (a.Rank != b.Rank)
            return a.Rank < b.Rank ? -1 : 1;
        if (a.Start != b.Start)
            return a.Start < b.Start ? -1 : 1;
        if (a.End != b.End)
            return a.End < b.End ? -1 : 1;
        if (a.Stat != b.Stat)
            return a.Stat < b.Stat ? -1 : 1;
        if (a.Revision != b.Revision)
            return a.Revision < b.Revision ? -1 : 1;
        if (a.Received != b.Received)
            return a.Received < b.Received ? -1 : 1;
        if (a.Value != b.Value)
            return a.Value.CompareTo(b.Value);
        return a.Usable.CompareTo(b.Usable);
    }
}
