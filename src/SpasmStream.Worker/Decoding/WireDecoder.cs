using System.Text.Json;
using System.Text.Unicode;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads messages of our own format; never throws, whatever it is given. Not for several threads at once.
/// </summary>
sealed class WireDecoder
{
    const int MaxTopics = 4_096;

    readonly Dictionary<string, WireTopic> _topics = [];
    readonly DecodePass _pass = new();
    string? _lastText;
    WireTopic? _lastTopic;

    /// <summary>Everything one message says, and what of it is refused.</summary>
    public Decoded Decode(string topic, ReadOnlyMemory<byte> payload, Instant received, DecodeLimits limits)
    {
        if (FindTopic(topic, out var reason) is not { } known)
            return new Decoded { Rejections = [new Rejection(reason, "Not an input topic of this format.")] };
        if (payload.IsEmpty)
            return Refused(known, ReasonCode.Empty, "The payload is empty.");
        if (payload.Length > limits.PayloadBytes)
            return Refused(known, ReasonCode.TooLarge, $"More than {limits.PayloadBytes} bytes.");
        if (known.Kind.Read is not { } read)
            return Refused(known, ReasonCode.Unsupported, "This kind is not supported yet.");

        _pass.Begin(known, payload, received, limits);
        if (known.Kind.ReadBare is not { } readBare || !readBare(_pass))
            ReadJson(read);
        return _pass.Finish();
    }

    /// <summary>The answer for a message of which nothing is kept.</summary>
    public static Decoded Refused(WireTopic topic, Rejection rejection) =>
        new()
        {
            Wearer = topic.Wearer,
            Device = topic.Device,
            Kind = topic.Kind.Name,
            Rejections = [rejection],
        };

    static Decoded Refused(WireTopic topic, string reason, string detail) =>
        Refused(topic, new Rejection(reason, detail));

    WireTopic? FindTopic(string text, out string reason)
    {
        reason = "";
        if (text == _lastText)
            return _lastTopic;
        if (!_topics.TryGetValue(text, out var topic))
        {
            topic = WireTopic.Parse(text, out reason);
            if (topic is null)
                return null;
            if (_topics.Count == MaxTopics)
                _topics.Clear();
            _topics.Add(text, topic);
        }

        (_lastText, _lastTopic) = (text, topic);
        return topic;
    }

    void ReadJson(ObjectReading read)
    {
        if (!IsUtf8(_pass.Payload.Span))
        {
            _pass.RefuseAll(ReasonCode.Encoding, "The payload is not UTF-8.");
            return;
        }

        _pass.SkipByteOrderMark();
        var reader = new MemberReader(_pass.Payload.Span, _pass);
        try
        {
            ReadMessage(ref reader, read);
        }
        catch (JsonException)
        {
            RefuseJson(ref reader);
        }
    }

    // UTF-16 of ASCII is valid UTF-8 with a NUL in every other place.
    static bool IsUtf8(ReadOnlySpan<byte> payload) =>
        Utf8.IsValid(payload) && payload[0] != 0 && (payload.Length == 1 || payload[1] != 0);

    void ReadMessage(ref MemberReader reader, ObjectReading read)
    {
        reader.Read();
        if (reader.Token == JsonTokenType.StartObject && _pass.CountItem())
            ReadObject(ref reader, read);
        else if (reader.Token == JsonTokenType.StartArray)
            ReadBatch(ref reader, read);
        else
            _pass.RefuseAll(ReasonCode.Json, "An object or an array of objects is expected.");

        // Whatever follows the one value is found here.
        if (_pass.Fatal is null)
            reader.Read();
    }

    void ReadBatch(ref MemberReader reader, ObjectReading read)
    {
        var index = 0;
        for (; reader.Read() && reader.Token != JsonTokenType.EndArray; index++)
        {
            if (!_pass.BeginBatchObject(index))
                return;
            if (reader.Token == JsonTokenType.StartObject)
            {
                ReadObject(ref reader, read);
            }
            else
            {
                reader.SkipUnknown(Member.Unknown);
                _pass.RefuseObject(ReasonCode.Json, ReasonCode.Explain(ReasonCode.Json));
            }

            if (_pass.Fatal is not null)
                return;
        }

        if (index == 0)
            _pass.RefuseAll(ReasonCode.Empty, "The array is empty.");
    }

    void ReadObject(ref MemberReader reader, ObjectReading read)
    {
        _pass.BeginObject();
        reader.BeginObject();
        read(ref reader);
        if (reader.Fault is { } fault && _pass.Fatal is null)
            _pass.RefuseObject(fault, reader.Detail);
    }

    /// <summary>
    /// Tells what stopped the reader: levels without end, a number JSON does not know, or no JSON at all.
    /// </summary>
    void RefuseJson(ref MemberReader reader)
    {
        var rest = _pass.Payload.Span[reader.Consumed..].TrimStart(" \t\r\n,:"u8);
        var depth = reader.Depth
            + (reader.Token is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
        if (depth == _pass.Limits.Depth && rest is [(byte)'[' or (byte)'{', ..])
            _pass.RefuseAll(ReasonCode.JsonDepth, $"More than {_pass.Limits.Depth} levels.");
        else if (rest.StartsWith("NaN"u8) || rest.TrimStart((byte)'-').StartsWith("Infinity"u8))
            _pass.RefuseAll(ReasonCode.Number, "NaN and Infinity are no JSON numbers.");
        else
            _pass.RefuseAll(ReasonCode.Json, "Not one JSON document.");
    }
}
