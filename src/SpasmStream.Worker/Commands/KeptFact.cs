using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// What is exported of an object with an id: as it was sent, unless some of it was refused for its time. A
/// file is read without those limits, and would bring in what the store never had; so only what was kept of
/// such an object is written, under its id and revision.
/// </summary>
/// <param name="series">The numbers of the series, by wearer and series.</param>
sealed class KeptFact(IReadOnlyDictionary<(string Wearer, Series Series), long> series)
{
    static readonly DecodeLimits _limits = DecodeLimits.AnyTime with { PayloadBytes = int.MaxValue };

    readonly WireDecoder _decoder = new();

    /// <summary>The message of one version.</summary>
    /// <param name="wearer">Whose it is.</param>
    /// <param name="sent">The object as it was sent.</param>
    /// <param name="packed">The keys of the samples that were kept of it.</param>
    public ExportedMessage Of(string wearer, in ExportedMessage sent, byte[] packed)
    {
        var decoded = _decoder.Decode(sent.Topic, sent.Payload, sent.Received, _limits);
        if (decoded.Facts is not [{ Withdrawn: false } fact])
            return sent;
        var keys = SampleKey.Unpack(packed).ToHashSet();
        var kept = decoded.Samples.Where(sample => series.TryGetValue((wearer, sample.Series), out var number)
            && keys.Contains(KeyOf(number, sample))).ToList();
        // What nothing was kept of says nothing but that it was there.
        return kept.Count == decoded.Samples.Count || kept.Count == 0 ? sent
            : sent with { Payload = WireEncoder.Encode(fact.Id, kept) };
    }

    static SampleKey KeyOf(long number, in Sample sample) => new(number, sample.Series.Signal,
        Ms.Of(sample.Start), (long)sample.Duration.TotalMilliseconds);
}
