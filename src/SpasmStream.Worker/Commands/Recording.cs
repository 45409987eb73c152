using System.Security.Cryptography;
using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// One wearer's history held in memory: what a backtest folds. It answers as the file does, value by value,
/// with nothing that had not been received by then.
/// </summary>
sealed class Recording : IHistory
{
    static readonly Duration Hour = Duration.FromHours(1);

    readonly RecordedSamples _samples = new();
    readonly Dictionary<(string Device, string Kind, string Key, int Revision, string Hash), StoredEntry>
        _entries = [];
    readonly SortedList<Instant, HourSummary> _hours = [];
    readonly List<(Instant Received, string Hash, StoredEntry Entry)> _byReceipt = [];
    bool _sorted;

    /// <summary>What was made, in order.</summary>
    public List<AssessedStep> Steps { get; } = [];

    /// <summary>The newest receipt of what was not here before; null for nothing.</summary>
    public Instant? LastReceipt
    {
        get
        {
            Sort();
            Instant? entry = _byReceipt.Count > 0 ? _byReceipt[^1].Received : null;
            return _samples.LastReceipt() is { } sample && !(entry > sample) ? sample : entry;
        }
    }

    public void Add(Delivery delivery, Decoded decoded)
    {
        _samples.Add(delivery, decoded);
        foreach (var entry in decoded.Entries)
            Add(new StoredEntry(decoded.Device, decoded.Kind, entry.Key, entry.Revision, entry.At,
                delivery.Received, delivery.Replayed, entry.Json.ToArray()));
    }

    public Instant? FirstReceipt(WearerId wearer)
    {
        Sort();
        Instant? entry = _byReceipt.Count > 0 ? _byReceipt[0].Received : null;
        return _samples.FirstReceipt < entry || entry is null ? _samples.FirstReceipt ?? entry : entry;
    }

    public IReadOnlyList<StoredEntry> Entries(WearerId wearer, long afterId)
    {
        Sort();
        var entries = new List<StoredEntry>();
        for (var i = (int)afterId; i < _byReceipt.Count; i++)
            entries.Add(_byReceipt[i].Entry with { Id = i + 1 });
        return entries;
    }

    public IReadOnlyList<ChangedHour> ChangedHours(WearerId wearer, Instant after, Instant until) =>
        [.. _samples.ChangedHours(after, until).Select(hour => new ChangedHour(hour))];

    public IReadOnlyList<Sample> Samples(WearerId wearer, Instant from, Instant to, Instant asOf) =>
        _samples.Standing(from, to, asOf);

    public IReadOnlyList<HourSummary> Hours(WearerId wearer, Instant from, Instant to, Instant asOf)
    {
        // Summaries are made in order of time, so the one that is held is the newest as of then.
        var hours = new List<HourSummary>();
        var hour = Instant.FromUnixTimeSeconds((from.ToUnixTimeSeconds() + 3599) / 3600 * 3600);
        for (; hour < to; hour += Hour)
            if (_hours.TryGetValue(hour, out var summary))
                hours.Add(summary);
        return hours;
    }

    public bool IsDigested(WearerId wearer, Instant from, Instant to) => false;

    public Task SaveAsync(WearerId wearer, AssessedStep step, CancellationToken cancellationToken)
    {
        foreach (var hour in step.Hours)
            _hours[hour.Start] = hour;
        Steps.Add(step with { Hours = [], Days = [], Folded = [] });
        return Task.CompletedTask;
    }

    void Add(StoredEntry entry)
    {
        var hash = Convert.ToHexString(SHA256.HashData(entry.Payload));
        var key = (entry.Device, entry.Kind, entry.Key, entry.Revision, hash);
        if (_entries.TryGetValue(key, out var held) && held.Received <= entry.Received)
            return;
        _entries[key] = entry;
        _sorted = false;
    }

    void Sort()
    {
        if (_sorted)
            return;
        _byReceipt.Clear();
        foreach (var (key, entry) in _entries)
            _byReceipt.Add((entry.Received, key.Hash, entry));
        _byReceipt.Sort(static (a, b) => a.Received != b.Received
            ? a.Received.CompareTo(b.Received) : string.CompareOrdinal(a.Hash, b.Hash));
        _sorted = true;
    }
}
