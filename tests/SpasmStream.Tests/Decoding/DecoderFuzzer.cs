using System.Diagnostics;
using System.Text;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>
/// Makes mutants of the golden examples and of those in WIRE-FORMAT.md, bytewise and by their structure, and
/// has the decoder read each. A mutant is its seed: what fails is told by that, and made again by it.
/// </summary>
sealed class DecoderFuzzer
{
    static readonly string[] _values =
    [
        "null", "true", "[]", "{}", "\"\"", "-0", "1e400", "1e-400", "9223372036854775808", "0.1", "NaN",
        "\"\\ud800\"", "\"\\u0000\"", "[[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":1}}", "\"2026-02-30T00:00:00Z\"",
        "1773003600000", "253402300800000", "\"delete\"",
    ];

    static readonly string[] _members =
        ["v", "t", "t0", "dt", "step", "id", "rev", "op", "src", "x", "flags"];

    static readonly TimeSpan _slow = TimeSpan.FromMilliseconds(50);

    readonly List<(string Topic, byte[] Payload)> _examples = [.. WireFormatTests.Examples()
        .Select(it => (it.Topic, Encoding.UTF8.GetBytes(it.Json)))
        .Concat(GoldenTests.Accepted().Select(it => (it.Topic, Encoding.UTF8.GetBytes(it.Json))))];

    readonly WireDecoder _decoder = new();
    readonly WireDecoder _other = new();

    /// <summary>Null when the mutant was read as it must be; else what was wrong.</summary>
    public string? Try(int seed)
    {
        var (topic, payload) = Make(seed);
        try
        {
            var began = Stopwatch.GetTimestamp();
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var read = _decoder.Decode(topic, payload, Wire.Received, DecodeLimits.Live);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            var took = Stopwatch.GetElapsedTime(began);

            // A few hundred bytes for each byte that came is what a column of one-digit samples costs.
            if (bytes > 65_536 + 400L * payload.Length)
                return $"{bytes} bytes allocated for {payload.Length}";
            // Far beyond what it takes, so that only what grows without end is found on a busy machine.
            // What has to wait for a core is read again: what is slow by itself is slow each time.
            if (took > _slow && Enumerable.Range(0, 5).Min(_ => Again(topic, payload)) > _slow)
                return $"{took.TotalMilliseconds} ms";
            var again = _other.Decode(topic, payload, Wire.Received, DecodeLimits.Live);
            return DecodedText.Of(read) == DecodedText.Of(again) ? null : "read differently the second time";
        }
        catch (Exception fault)
        {
            return fault.ToString();
        }
    }

    TimeSpan Again(string topic, byte[] payload)
    {
        var began = Stopwatch.GetTimestamp();
        _decoder.Decode(topic, payload, Wire.Received, DecodeLimits.Live);
        return Stopwatch.GetElapsedTime(began);
    }

    (string Topic, byte[] Payload) Make(int seed)
    {
        var random = new Random(seed);
        var (topic, example) = _examples[random.Next(_examples.Count)];
        if (random.Next(8) == 0)
            topic = _examples[random.Next(_examples.Count)].Topic;
        var payload = example.ToList();
        for (var i = random.Next(1, 6); i > 0; i--)
            if (random.Next(2) == 0)
                MutateBytes(payload, random);
            else
                payload = MutateStructure(payload, random);
        return (topic, [.. payload]);
    }

    static void MutateBytes(List<byte> payload, Random random)
    {
        var at = random.Next(payload.Count + 1);
        var length = Math.Min(random.Next(1, 24), payload.Count - at);
        switch (random.Next(5))
        {
            case 0:
                payload.Insert(at, (byte)random.Next(256));
                break;
            case 1:
                payload.RemoveRange(at, length);
                break;
            case 2:
                payload.InsertRange(at, payload.GetRange(at, length));
                break;
            case 3 when length > 0:
                payload[at] ^= (byte)(1 << random.Next(8));
                break;
            default:
                payload.InsertRange(at, "{}[],:\"\\u"u8[random.Next(9)..]);
                break;
        }
    }

    List<byte> MutateStructure(List<byte> payload, Random random)
    {
        var text = Encoding.Latin1.GetString([.. payload]);
        // A value begins after a colon, and ends before the next comma or bracket.
        var colons = text.Index().Where(it => it.Item == ':').Select(it => it.Index).ToList();
        var at = colons.Count == 0 ? 0 : colons[random.Next(colons.Count)] + 1;
        var end = text.AsSpan(at).IndexOfAny(",]}");
        end = end < 0 ? text.Length : at + end;
        var value = _values[random.Next(_values.Length)];
        var other = Encoding.Latin1.GetString(_examples[random.Next(_examples.Count)].Payload);
        text = random.Next(6) switch
        {
            0 => text[..at] + value + text[end..],
            1 => text[..end] + $",\"{_members[random.Next(_members.Length)]}\":{value}" + text[end..],
            2 => $"[{text},{other}]",
            3 => text[..at] + text[end..],
            4 => $"[{string.Join(',', Enumerable.Repeat(text, random.Next(1, 40)))}]",
            _ => text[..at] + "[" + string.Join(',', Enumerable.Repeat(value, random.Next(1, 200))) + "]"
                + text[end..],
        };
        // Lists of lists of lists would soon be all there is to read.
        return [.. Encoding.Latin1.GetBytes(text.Length > 200_000 ? text[..200_000] : text)];
    }
}
