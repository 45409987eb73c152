using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SpasmStream.Simulators.Devices;

/// <summary>Writes payloads by the wire format's rules; the same input gives the same bytes.</summary>
static class JsonPayload
{
    // Offsets keep their plus sign; nothing here ends up in a page unescaped.
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Object(Action<Utf8JsonWriter> members) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        members(json);
        json.WriteEndObject();
    });

    public static byte[] Array<T>(IReadOnlyList<T> items, Action<Utf8JsonWriter, T> members) => Write(json =>
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            members(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    static byte[] Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Plain))
            content(json);
        return buffer.WrittenSpan.ToArray();
    }
}
