using System.Text.Json.Nodes;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.SystemTests.Replay;

/// <summary>
/// A simulated wearer's messages on a bad day: late, sent twice, corrected, and overtaking each other
/// by up to ten minutes; each still says when it was received.
/// </summary>
sealed class HostileFeed(Random random)
{
    readonly WireDecoder _decoder = new();

    /// <summary>In the order they are to be sent.</summary>
    public List<WireMessage> Of(string wearer, Character character, int days)
    {
        var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
        var until = Instant.FromUtc(2026, 11, 18, 11, 0);
        var wearing = new SimulatedWearer(new(wearer, character, zone, 7, days, until, LastDay.Usual));
        List<WireMessage> feed = [];
        foreach (var sent in wearing.Messages())
        {
            var message = random.Next(12) == 0 ? Later(sent, 3 * 24 * 60) : sent;
            feed.Add(message);
            if (random.Next(8) == 0)
                feed.Add(Later(message, 2 * 24 * 60));
            if (random.Next(10) == 0 && Corrected(message) is { } corrected)
                feed.Add(Later(message with { Payload = corrected }, 24 * 60));
        }

        return [.. feed.Select(message => (message, At: message.Received + Minutes(10)))
            .OrderBy(item => item.At).Select(item => item.message)];
    }

    WireMessage Later(WireMessage message, int minutes) =>
        message with { Received = message.Received + Minutes(minutes) };

    Duration Minutes(int most) => Duration.FromMilliseconds(random.Next(1, most * 60_000));

    byte[]? Corrected(WireMessage message)
    {
        if (message.Topic.EndsWith("/sleep", StringComparison.Ordinal))
            return Shorter(message.Payload);
        if (!message.Topic.EndsWith("/heart-rate", StringComparison.Ordinal))
            return null;
        var decoded = _decoder.Decode(message.Topic, message.Payload, message.Received!.Value,
            DecodeLimits.AnyTime);
        var revision = random.Next(2);
        return decoded.Samples.Count == 0 ? null : WireEncoder.Encode(
            [.. decoded.Samples.Select(
                sample => sample with { Value = sample.Value + 4, Revision = revision })]);
    }

    static byte[] Shorter(ReadOnlyMemory<byte> payload)
    {
        var night = JsonNode.Parse(payload.Span)!.AsObject();
        foreach (var member in (string[])["stages", "waso", "awakenings", "in_bed", "latency"])
            night.Remove(member);
        night["rev"] = 1;
        night["asleep"] = (long)night["asleep"]! - 25 * 60_000;
        night["dur"] = (long)night["dur"]! - 20 * 60_000;
        return System.Text.Encoding.UTF8.GetBytes(night.ToJsonString());
    }
}
