using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Reads stored sleep and diary objects back through the decoder that let them in: what they mean is said in
/// one place.
/// </summary>
static class EntryReading
{
    public static ReadEntry With(WireDecoder decoder) => (wearer, entry) =>
    {
        var topic = $"spasmstream/v1/in/{wearer}/{entry.Device}/{entry.Kind}";
        var decoded = decoder.Decode(topic, entry.Payload, entry.Received, DecodeLimits.AnyTime);
        return decoded.Entries is [{ Value: var value }] ? value : null;
    };
}
