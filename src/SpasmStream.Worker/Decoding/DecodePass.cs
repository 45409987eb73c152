using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>What is known of the message being decoded, and what has come out of it so far; reused.</summary>
sealed class DecodePass
{
    const int MaxSeries = 10_000;
    const int MaxKeptNames = 1_024;

    // The message.
    WireTopic _topic = null!;
    DecodeLimits _limits = DecodeLimits.Live;
    long _earliestMs;
    long _latestMs;
    bool _isBatch;
    int _object;
    int _items;

    // What came out of it.
    Sample[] _samples = [];
    int _sampleCount;
    List<DecodedEntry> _entries = [];
    List<Rejection> _rejections = [];

    // Kept between messages: equal series are one object as long as they are in use.
    readonly Dictionary<Series, Series> _series = [];
    HashSet<(int Object, string Name)> _unknownNames = [];

    public WireTopic Topic => _topic;

    public DecodeLimits Limits => _limits;

    /// <summary>The payload without its byte order mark.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    public Instant Received { get; private set; }

    /// <summary>Why nothing of the message is kept; null while all is well.</summary>
    public Rejection? Fatal { get; private set; }

    public int UnknownMembers { get; set; }

    public DeviceStatus? Status { get; set; }

    public bool HasOwnInstant { get; set; }

    public Column Values { get; } = new();

    public Column Mins { get; } = new();

    public Column Maxs { get; } = new();

    /// <summary>Offsets of a column's values from its start.</summary>
    public Column Offsets { get; } = new();

    public void Begin(WireTopic topic, ReadOnlyMemory<byte> payload, Instant received, DecodeLimits limits)
    {
        _topic = topic;
        _limits = limits;
        Payload = payload;
        Received = received;
        var receivedMs = received.ToUnixTimeMilliseconds();
        _earliestMs = receivedMs - limits.PastMs;
        _latestMs = receivedMs + limits.FutureMs;
        _isBatch = false;
        _object = 0;
        _items = 0;
        _samples = [];
        _sampleCount = 0;
        Fatal = null;
        UnknownMembers = 0;
        Status = null;
        HasOwnInstant = true;
        if (_unknownNames.Count > MaxKeptNames)
            _unknownNames = [];
        else if (_unknownNames.Count > 0)
            _unknownNames.Clear();
    }

    /// <summary>The message is an array, and its next object begins; false when there are too many.</summary>
    public bool BeginBatchObject(int index)
    {
        _isBatch = true;
        _object = index;
        return CountItem();
    }

    public void ClearColumns()
    {
        Values.Clear();
        Mins.Clear();
        Maxs.Clear();
        Offsets.Clear();
    }

    /// <summary>How many samples or objects the message may still have.</summary>
    public int Room => _limits.Samples - _items;

    /// <summary>
    /// Counts samples or objects; false, and the end of the message, when there are too many.
    /// </summary>
    public bool CountItem(int count = 1)
    {
        _items += count;
        if (_items <= _limits.Samples)
            return true;
        RefuseAll(ReasonCode.BatchSize, $"More than {_limits.Samples} samples or objects in one message.");
        return false;
    }

    /// <summary>Nothing of the message is kept. The first reason stays.</summary>
    public void RefuseAll(string reason, string detail) => Fatal ??= new Rejection(reason, detail);

    /// <summary>The object being read is not kept.</summary>
    public void RefuseObject(string reason, string detail) =>
        _rejections.Add(new Rejection(reason, detail, _isBatch ? _object : null));

    /// <summary>One position of the column being read is not kept.</summary>
    public void RefusePosition(int position, string reason)
    {
        var where = _isBatch ? $" of object {_object} in the array" : "";
        _rejections.Add(new Rejection(reason, $"Position {position}{where}: {Explain(reason)}", position));
    }

    /// <summary>Null, or the reason why a fact cannot have happened then.</summary>
    public string? FaultOf(long unixMs) =>
        unixMs is < WireTime.Earliest or >= WireTime.Latest ? ReasonCode.Timestamp
        : unixMs > _latestMs ? ReasonCode.Future
        : unixMs < _earliestMs ? ReasonCode.TooOld
        : null;

    /// <summary>A sentence for the operator; it never holds a value.</summary>
    public static string Explain(string reason) => reason switch
    {
        ReasonCode.Timestamp =>
            "not an RFC 3339 instant with offset nor Unix milliseconds in the years 1973 to 2262.",
        ReasonCode.Future => "further in the future than clocks may differ.",
        ReasonCode.TooOld => "older than live messages may be; use import for history.",
        ReasonCode.Number => "not finite, or more digits than a 64-bit number holds.",
        ReasonCode.StringLength => "text too long.",
        ReasonCode.Control => "control character in a text.",
        ReasonCode.Id => "an id is 1 to 64 printable ASCII characters.",
        ReasonCode.Interval => "ends before it starts, lasts too long, or its parts overlap or lie outside.",
        ReasonCode.Columns => "columns need t0, either step or dt, and arrays of one length.",
        ReasonCode.Empty => "no items.",
        ReasonCode.Version => "a later version of the format.",
        ReasonCode.Json => "an object is expected.",
        _ when reason.StartsWith(ReasonCode.Type, StringComparison.Ordinal) =>
            "the member has another JSON type.",
        _ when reason.StartsWith(ReasonCode.Range, StringComparison.Ordinal) => "the value cannot be.",
        _ when reason.StartsWith(ReasonCode.Missing, StringComparison.Ordinal) =>
            "a required member is missing.",
        _ => "refused.",
    };

    /// <summary>Room for more samples at the end of the result.</summary>
    public Span<Sample> Take(int count)
    {
        var needed = _sampleCount + count;
        if (needed > _samples.Length)
            Array.Resize(ref _samples, _isBatch ? Math.Max(needed, Math.Max(16, _samples.Length * 2))
                : needed);
        var room = _samples.AsSpan(_sampleCount, count);
        _sampleCount = needed;
        return room;
    }

    public void Add(DecodedEntry entry) => _entries.Add(entry);

    /// <summary>An object's own bytes.</summary>
    public ReadOnlyMemory<byte> Slice(int start, int end) => Payload[start..end];

    /// <summary>The series of a signal and statistic of this topic, one object for equal ones.</summary>
    public Series SeriesOf(SourceList.Source source, Signal signal, Stat stat) =>
        source.ByStat[(int)stat] ??= Intern(new Series(_topic.Device, signal, stat, source.Name));

    Series Intern(Series series)
    {
        if (_series.TryGetValue(series, out var known))
            return known;
        if (_series.Count == MaxSeries)
            _series.Clear();
        _series.Add(series, series);
        return series;
    }

    /// <summary>Counts a member we do not know; false when its name was in this object before.</summary>
    public bool NoteUnknown(int objectSerial, string name)
    {
        UnknownMembers++;
        return _unknownNames.Add((objectSerial, name));
    }

    /// <summary>Hands over the result and forgets it.</summary>
    public Decoded Finish()
    {
        var samples = _samples.Length == _sampleCount ? _samples : _samples.AsSpan(0, _sampleCount).ToArray();
        var result = Fatal is { } fatal
            ? WireDecoder.Refused(_topic, fatal)
            : new Decoded
            {
                Wearer = _topic.Wearer,
                Device = _topic.Device,
                Kind = _topic.Name,
                Samples = samples,
                Entries = _entries.Count == 0 ? [] : _entries,
                Status = Status,
                Rejections = _rejections.Count == 0 ? [] : _rejections,
                HasOwnInstant = HasOwnInstant,
                UnknownMembers = UnknownMembers,
            };
        _samples = [];
        if (_entries.Count > 0)
            _entries = [];
        if (_rejections.Count > 0)
            _rejections = [];
        Payload = default;
        return result;
    }
}
