using System.Security.Cryptography;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>One wearer's facts with ids in memory: which version stood when, as a store would say.</summary>
sealed class RecordedFacts
{
    readonly Dictionary<(string Device, string Kind, string Id), List<RecordedFact>> _versions = [];
    bool _settled = true;

    /// <summary>The version a message brings; null when it was here before.</summary>
    public RecordedFact? Add(Delivery delivery, Decoded decoded, SampleFact fact)
    {
        var name = (decoded.Device, decoded.Kind, fact.Id);
        if (!_versions.TryGetValue(name, out var versions))
            _versions[name] = versions = [];
        var sent = new FactVersion(fact.Revision, fact.Withdrawn,
            Convert.ToHexString(SHA256.HashData(fact.Json.Span)), Ms.Of(delivery.Received));
        _settled = false;
        if (versions.Find(v => v.Version.IsSame(sent)) is { } known)
        {
            if (sent.Received < known.Version.Received)
                known.Version = sent;
            return null;
        }

        var added = new RecordedFact(sent, sent.Number(decoded.Kind, fact.Id));
        versions.Add(added);
        return added;
    }

    /// <summary>Says of every version since when it is gone, by all that came in.</summary>
    public void Settle()
    {
        if (_settled)
            return;
        foreach (var versions in _versions.Values)
        {
            var all = versions.ConvertAll(v => v.Version);
            foreach (var version in versions)
                version.Gone = version.Version.GoneAt(all);
        }

        _settled = true;
    }

    /// <summary>Every receipt of a version or a withdrawal.</summary>
    public IEnumerable<long> Receipts => _versions.Values.SelectMany(v => v).Select(v => v.Version.Received);

    /// <summary>Which hours a receipt may have changed; what is settled.</summary>
    public IEnumerable<(long Received, long Hour)> Changes()
    {
        foreach (var version in _versions.Values.SelectMany(v => v))
            foreach (var hour in version.Hours)
            {
                yield return (version.Version.Received, hour);
                if (version.Gone > version.Version.Received)
                    yield return (version.Gone.Value, hour);
            }
    }
}

/// <summary>One version of a fact with an id, and until when it stands.</summary>
sealed class RecordedFact(FactVersion version, long number)
{
    public FactVersion Version { get; set; } = version;

    public long Number => number;

    /// <summary>Since which receipt it stands for nothing, Unix milliseconds; null while it stands.</summary>
    public long? Gone { get; set; }

    /// <summary>The hours its samples can change.</summary>
    public HashSet<long> Hours { get; } = [];

    /// <summary>Whether it stands at a receipt, Unix milliseconds.</summary>
    public bool Stands(long asOf) => Version.Received <= asOf && !(Gone <= asOf);

    public void Touch(in Sample sample)
    {
        var (first, last) = HourFold.HoursTouched(sample.Series.Signal,
            sample.Start.ToUnixTimeMilliseconds(), (long)sample.Duration.TotalMilliseconds);
        for (var hour = first; hour <= last; hour++)
            Hours.Add(hour);
    }
}
