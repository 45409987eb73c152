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
    readonly record struct Track(string Device, string Source);

    readonly List<Reading> _readings = [];
    readonly List<Track> _tracks = [];
    int[] _deviceOf = [];
    int _heartRates;

    /// <summary>Sources: ranks run from 0, best first.</summary>
    public int Ranks => _tracks.Count;

    public ReadOnlySpan<Reading> HeartRates => CollectionsMarshal.AsSpan(_readings)[.._heartRates];

    public ReadOnlySpan<Reading> Steps => CollectionsMarshal.AsSpan(_readings)[_heartRates..];

    /// <summary>For each rank the minutes, as bits, in which its device was certainly worn.</summary>
    public ulong[] Worn { get; private set; } = [];

    /// <summary>The first rank of the device that the rank belongs to.</summary>
    public int DeviceOf(int rank) => _deviceOf[rank];

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
            var start = sample.Start.ToUnixTimeTicks() - hourStart;
            var end = start + sample.Duration.BclCompatibleTicks;
            var isInside = start >= 0 ? start < NodaConstants.TicksPerHour : end > 0;
            var max = sample.Series.Signal == Signal.Steps ? HourFold.StepsMax : HourFold.HeartRateMax;
            if (!isInside || end < start || sample.Duration > max)
                continue;
            if (!ReferenceEquals(sample.Series, series))
            {
                series = sample.Series;
                track = TrackOf(series);
            }
            _readings.Add(new Reading(
                series.Signal, track, start, end, series.Stat, sample.Value, IsUsable(sample),
                sample.Revision, sample.Received.ToUnixTimeTicks()));
        }
    }

    int TrackOf(Series series)
    {
        var track = new Track(series.Device, series.Source);
        var index = _tracks.IndexOf(track);
        if (index >= 0)
            return index;
        _tracks.Add(track);
        return _tracks.Count - 1;
    }

    static bool IsUsable(in Sample sample)
    {
        const SampleFlags unusable = SampleFlags.OffSkin | SampleFlags.Implausible | SampleFlags.Imputed;
        if ((sample.Flags & unusable) != 0)
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
        Worn = new ulong[order.Length];
        for (var rank = 0; rank < order.Length; rank++)
        {
            rankOf[order[rank]] = rank;
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
        return byDevice != 0 ? byDevice : string.CompareOrdinal(a.Source, b.Source);
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
