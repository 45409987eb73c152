using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// The interchange file: one JSON object a line with <c>topic</c>, <c>received</c> and <c>payload</c> (or
/// <c>payload_base64</c>), exactly what crossed MQTT.
/// </summary>
static class NdjsonFile
{
    static readonly InstantPattern Received =
        InstantPattern.CreateWithInvariantCulture("uuuu-MM-ddTHH:mm:ss.fff'Z'");

    /// <summary>Bytes of one line at most; a message holds 256 KiB, foreign ones 16 MiB.</summary>
    public const int LongestLine = 16 << 20;

    /// <summary>
    /// Reads a file; a line that is not of this form is reported with its number and counted, not thrown.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="bad">Told the number of a line and what is wrong with it.</param>
    /// <param name="done">Told how many bytes more were read.</param>
    public static IEnumerable<Delivery> Read(
        string path, Action<int, string> bad, Action<long>? done = null)
    {
        // The lines do their own buffering.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var lines = new ByteLines(stream, LongestLine);
        var told = 0L;
        while (lines.TryRead(out var line, out var tooLong))
        {
            done?.Invoke(lines.Taken - told);
            told = lines.Taken;
            if (tooLong)
                bad(lines.Number, "longer than 16 MiB");
            else if (line.Length == 0)
                continue;
            else if (Parse(line, out var fault) is { } delivery)
                yield return delivery;
            else
                bad(lines.Number, fault);
        }
    }

    /// <summary>Writes messages as they come, some at a time; returns how many.</summary>
    public static long Write(Stream stream, IEnumerable<ExportedMessage> messages)
    {
        const int some = 1 << 16;
        using var memory = new MemoryStream(2 * some);
        var count = 0L;
        foreach (var (topic, received, payload) in messages)
        {
            count++;
            Write(memory, topic, received, payload);
            if (memory.Length < some)
                continue;
            memory.WriteTo(stream);
            memory.SetLength(0);
        }

        memory.WriteTo(stream);
        return count;
    }

    /// <summary>Writes one message.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="received">When it was received.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="isJson">False for bytes of any kind.</param>
    public static void Write(Stream stream, string topic, Instant received, ReadOnlySpan<byte> payload,
        bool isJson = true)
    {
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("topic", topic);
            json.WriteString("received", Received.Format(received));
            // A payload in several lines would break ours, and its bytes are its identity.
            if (!isJson || payload.ContainsAny((byte)'\n', (byte)'\r'))
                json.WriteBase64String("payload_base64", payload);
            else
            {
                json.WritePropertyName("payload");
                json.WriteRawValue(payload, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    static Delivery? Parse(byte[] line, out string fault)
    {
        string? topic = null;
        Instant? received = null;
        ReadOnlyMemory<byte>? payload = null;
        var retained = false;
        fault = "";
        try
        {
            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 32 });
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString();
                json.Read();
                if (name == "topic")
                    topic = json.GetString();
                else if (name == "received")
                    received = InstantPattern.ExtendedIso.Parse(json.GetString() ?? "").Value;
                else if (name == "payload_base64")
                    payload = json.GetBytesFromBase64();
                else if (name == "retain")
                    retained = json.GetBoolean();
                else
                {
                    var start = (int)json.TokenStartIndex;
                    json.Skip();
                    if (name == "payload")
                        payload = line.AsMemory(start, (int)json.BytesConsumed - start);
                }
            }
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException
            or UnparsableValueException)
        {
            fault = wrong is UnparsableValueException
                ? "received is not an RFC 3339 instant" : "not a JSON object";
            return null;
        }

        if (topic is null || received is null || payload is null)
        {
            fault = "topic, received or payload is missing";
            return null;
        }

        return new Delivery
        {
            Topic = topic,
            Payload = payload.Value,
            Received = Instant.FromUnixTimeMilliseconds(received.Value.ToUnixTimeMilliseconds()),
            Replayed = true,
            Retained = retained,
        };
    }
}
