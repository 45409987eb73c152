using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Replay;

/// <summary>Reads interchange files: NDJSON, one message a line, sent again as it was.</summary>
sealed class Interchange(SourceReport report, string? wearer, string? device)
{
    const string In = "spasmstream/v1/in/";

    public IEnumerable<WireMessage> Read(IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            report.Rows++;
            if (TryParse(line, out var message, out var why))
                yield return report.Sending(message);
            else
                report.Refuse(number, why);
        }
    }

    bool TryParse(string line, out WireMessage message, out string why)
    {
        (message, why) = (null!, "");
        try
        {
            using var document = JsonDocument.Parse(line);
            return TryRead(document.RootElement, ref message, ref why);
        }
        catch (JsonException)
        {
            why = "not JSON";
            return false;
        }
    }

    bool TryRead(JsonElement line, ref WireMessage message, ref string why)
    {
        if (line.ValueKind != JsonValueKind.Object)
            return Fails("not an object", ref why);
        if (Text(line, "topic") is not { Length: > 0 } topic || topic.AsSpan().IndexOfAny("+#\0") >= 0)
            return Fails("no topic to publish on", ref why);
        Instant? received = null;
        if (Text(line, "received") is { } text)
        {
            if (OffsetDateTimePattern.ExtendedIso.Parse(text) is not { Success: true, Value: var stated })
                return Fails("received is not RFC 3339", ref why);
            received = stated.ToInstant();
        }
        if (Payload(line) is not var (bytes, isJson))
            return Fails("no payload", ref why);

        var qos = line.TryGetProperty("qos", out var level) && level.TryGetInt32(out var stands) ? stands : 1;
        if (qos is < 0 or > 2)
            return Fails("qos is not 0, 1 or 2", ref why);
        message = new(Readdress(topic), received, bytes)
        {
            Qos = qos,
            Retain = line.TryGetProperty("retain", out var retain) && retain.ValueKind == JsonValueKind.True,
            IsJson = isJson,
        };
        return true;
    }

    static (byte[] Bytes, bool IsJson)? Payload(JsonElement line)
    {
        if (line.TryGetProperty("payload", out var json))
            return (System.Text.Encoding.UTF8.GetBytes(json.GetRawText()), true);
        return line.TryGetProperty("payload_base64", out var coded) && coded.ValueKind == JsonValueKind.String
            && coded.TryGetBytesFromBase64(out var bytes) ? (bytes, false) : null;
    }

    /// <summary>Gives the message to another wearer or device; the diary keeps its name.</summary>
    string Readdress(string topic)
    {
        if (!topic.StartsWith(In, StringComparison.Ordinal) || topic.Split('/') is not { Length: 6 } levels)
            return topic;
        levels[3] = wearer ?? levels[3];
        levels[4] = levels[4] == "diary" ? "diary" : device ?? levels[4];
        return string.Join('/', levels);
    }

    static string? Text(JsonElement line, string member) =>
        line.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    static bool Fails(string reason, ref string why)
    {
        why = reason;
        return false;
    }
}
