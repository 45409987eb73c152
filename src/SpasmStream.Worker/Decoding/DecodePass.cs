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
    int _firstOfObject;
    int _rejectedBefore;
    List<DecodedEntry> _entries = [];
    List<SampleFact> _facts = [];
    List<Rejection> _rejections = [];

    // Kept between messages: equal series are one object as long as they are in use.
    readonly Dictionary<Series, Series> _series = [];
    HashSet<(int Object, string Name)> _unknownNames = [];

    public WireTopic Topic => _topic;

    public DecodeLimits Limits => _limits;

    /// <summary>The payload; of JSON without its byte order mark.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    public Instant Received { get; private set; }

    /// <summary>Why nothing of the message is kept; null while all is well.</summary>
    public Rejection? Fatal { get; private set; }

    public int UnknownMembers { get; set; }

    public DeviceStatus? Status { get; set; }

    public bool HasOwnInstant { get; set; }

    /// <summary>Columns of values, for each kind its own.</summary>
    public Column First { get; } = new();

    public Column Second { get; } = new();

    public Column Third { get; } = new();

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
        _firstOfObject = 0;
        _rejectedBefore = 0;
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
        First.Clear();
        Second.Clear();
        Third.Clear();
        Offsets.Clear();
    }

    public void SkipByteOrderMark()
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (Payload.Span.StartsWith(mark))
            Payload = Payload[mark.Length..];
    }

    /// <summary>What comes from here on belongs to one object.</summary>
    public void BeginObject() => (_firstOfObject, _rejectedBefore) = (_sampleCount, _rejections.Count);

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
        _rejections.Add(new Rejection(
            reason, $"Position {position}{where}: {ReasonCode.Explain(reason)}", position));
    }

    /// <summary>Null, or the reason why a fact cannot have happened then.</summary>
    public string? FaultOf(long unixMs) =>
        unixMs is < WireTime.Earliest or >= WireTime.Latest ? ReasonCode.Timestamp
        : unixMs > _latestMs ? ReasonCode.Future
        : unixMs < _earliestMs ? ReasonCode.TooOld
        : null;

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

    /// <summary>
    /// The samples of this object are said under an id. An object of which all was refused says nothing.
    /// </summary>
    public void AddFact(string id, int revision, ReadOnlyMemory<byte> json)
    {
        var count = _sampleCount - _firstOfObject;
        if (count > 0 || _rejections.Count == _rejectedBefore)
            _facts.Add(new SampleFact(id, revision, _firstOfObject, count, Withdrawn: false) { Json = json });
    }

    /// <summary>What was said under an id is taken back.</summary>
    public void AddWithdrawal(string id, int revision, ReadOnlyMemory<byte> json) =>
        _facts.Add(new SampleFact(id, revision, _sampleCount, 0, Withdrawn: true) { Json = json });

    /// <summary>An object's own bytes.</summary>
    public ReadOnlyMemory<byte> Slice(int start, int end) => Payload[start..end];

    /// <summary>The series of a signal and statistic of this topic, one object for equal ones.</summary>
    public Series SeriesOf(SourceList.Source source, Signal signal, Stat stat) =>
        source.Find(signal, stat) ?? source.Add(Intern(new Series(_topic.Device, signal, stat, source.Name)));

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

    /// <summary>Hands over the result and forgets it; lists that stayed empty are kept.</summary>
    public Decoded Finish()
    {
        var samples = _samples.Length == _sampleCount ? _samples : _samples.AsSpan(0, _sampleCount).ToArray();
        var result = Fatal is { } fatal
            ? WireDecoder.Refused(_topic, fatal)
            : new Decoded
            {
                Wearer = _topic.Wearer,
                Device = _topic.Device,
                Kind = _topic.Kind.Name,
                Samples = samples,
                Facts = _facts.Count == 0 ? Array.Empty<SampleFact>() : _facts,
                Entries = _entries.Count == 0 ? Array.Empty<DecodedEntry>() : _entries,
                Status = Status,
                Rejections = _rejections.Count == 0 ? Array.Empty<Rejection>() : _rejections,
                HasOwnInstant = HasOwnInstant,
                UnknownMembers = UnknownMembers,
            };
        _samples = [];
        if (_facts.Count > 0)
            _facts = [];
        if (_entries.Count > 0)
            _entries = [];
        if (_rejections.Count > 0)
            _rejections = [];
        Payload = default;
        return result;
    }
}
