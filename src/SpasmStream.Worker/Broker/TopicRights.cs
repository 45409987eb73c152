using System.Buffers;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// What one account may publish and read. Default is no; the topics it grants are templates filled with ids
/// that were checked, so that no wildcard enters through a name.
/// </summary>
sealed class TopicRights
{
    const string In = "spasmstream/v1/in/";
    const string Out = "spasmstream/v1/out/";
    const string WorkerStatus = Out + "worker/status";
    const string DiaryLevel = "diary";

    // Nobody may publish to these by the rules of MQTT; U+FFFD stands where the bytes were no UTF-8.
    static readonly SearchValues<char> Forbidden = SearchValues.Create("+#\0\uFFFD");

    readonly HashSet<string>? _wearers;
    readonly string? _device;
    readonly bool _diary;
    readonly bool _isWorker;

    /// <param name="wearers">For whom; null is every wearer.</param>
    /// <param name="device">The only device it may publish as; null is any.</param>
    /// <param name="diary">Whether it may publish diary entries all the same.</param>
    public TopicRights(IEnumerable<string>? wearers, string? device = null, bool diary = false)
    {
        _wearers = wearers?.ToHashSet(StringComparer.Ordinal);
        if (_wearers?.FirstOrDefault(w => !IsWearer(w)) is not null
            || (device is not null && !WearerId.IsValid(device)))
            throw new ArgumentException("Only names of wearers and devices can be granted.");
        (_device, _diary) = (device, diary);
    }

    TopicRights() : this([]) => _isWorker = true;

    /// <summary>What the worker itself may: publish all that goes out.</summary>
    public static TopicRights Worker { get; } = new();

    public Ruling Publish(string topic)
    {
        if (topic.Length == 0)
            return Ruling.NoTopic;
        if (topic.AsSpan().ContainsAny(Forbidden) || topic[0] == '$')
            return Ruling.Suspicious;
        if (_isWorker)
            return topic.StartsWith(Out, StringComparison.Ordinal) ? Ruling.Granted : Ruling.Denied;
        if (!topic.StartsWith(In, StringComparison.Ordinal))
            return topic.StartsWith(Out, StringComparison.Ordinal) ? Ruling.Denied : Ruling.NoTopic;

        var (wearer, rest) = Level(topic.AsSpan(In.Length));
        if (!IsWearer(wearer))
            return Ruling.NoTopic;
        if (!Touches(wearer))
            return Ruling.Denied;
        var (device, _) = Level(rest);
        return !WearerId.IsValid(device) ? Ruling.NoTopic
            : _device is null || device.SequenceEqual(_device)
                || (_diary && device.SequenceEqual(DiaryLevel)) ? Ruling.Granted
            : Ruling.Denied;
    }

    /// <summary>
    /// Whether everything the filter can match may be read; a topic is the narrowest filter.
    /// </summary>
    public FilterRuling Read(string filter)
    {
        if (!IsFilter(filter))
            return FilterRuling.Invalid;
        if (_isWorker || !filter.StartsWith(Out, StringComparison.Ordinal))
            return FilterRuling.Denied;
        var (wearer, _) = Level(filter.AsSpan(Out.Length));
        return filter == WorkerStatus || (IsWearer(wearer) && Touches(wearer))
            ? FilterRuling.Granted : FilterRuling.Denied;
    }

    static bool IsWearer(ReadOnlySpan<char> text) =>
        WearerId.IsValid(text) && !text.SequenceEqual(InternalAccount.User);

    bool Touches(ReadOnlySpan<char> wearer) =>
        _wearers is null || _wearers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(wearer);

    static bool IsFilter(string filter)
    {
        if (filter.Length == 0 || filter.AsSpan().ContainsAny('\0', '\uFFFD'))
            return false;
        var rest = filter.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('/');
            var level = end < 0 ? rest : rest[..end];
            if (level.ContainsAny('+', '#') && (level.Length > 1 || (level[0] == '#' && end >= 0)))
                return false;
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return true;
    }

    static Split Level(ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('/');
        return end < 0 ? new Split(rest, default) : new Split(rest[..end], rest[(end + 1)..]);
    }

    readonly ref struct Split(ReadOnlySpan<char> first, ReadOnlySpan<char> rest)
    {
        readonly ReadOnlySpan<char> _first = first;
        readonly ReadOnlySpan<char> _rest = rest;

        public void Deconstruct(out ReadOnlySpan<char> first, out ReadOnlySpan<char> rest)
        {
            first = _first;
            rest = _rest;
        }
    }
}
