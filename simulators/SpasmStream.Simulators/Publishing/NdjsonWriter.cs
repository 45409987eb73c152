using System.Buffers;
using System.Text.Json;

namespace SpasmStream.Simulators.Publishing;

/// <summary>Writes messages as an interchange file: one object a line, exactly what crosses MQTT.</summary>
sealed class NdjsonWriter(Stream stream)
{
    readonly ArrayBufferWriter<byte> _line = new(16_384);

    public void Write(WireMessage message)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("topic", message.Topic);
            if (message.ReceivedText is { } received)
                json.WriteString("received", received);
            if (message.Qos != 1)
                json.WriteNumber("qos", message.Qos);
            if (message.Retain)
                json.WriteBoolean("retain", true);
            if (message.IsJson)
            {
                json.WritePropertyName("payload");
                json.WriteRawValue(message.Payload.Span);
            }
            else
                json.WriteBase64String("payload_base64", message.Payload.Span);
            json.WriteEndObject();
        }
        stream.Write(_line.WrittenSpan);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Merges streams that are each in order of receipt into one that is.</summary>
    public static IEnumerable<(int Source, WireMessage Message)> Merge(
        IReadOnlyList<IEnumerable<WireMessage>> sources)
    {
        var waiting =
            new PriorityQueue<(int Source, IEnumerator<WireMessage> Messages), (NodaTime.Instant, int)>();
        for (var i = 0; i < sources.Count; i++)
            Enqueue(i, sources[i].GetEnumerator());
        while (waiting.TryDequeue(out var next, out _))
        {
            yield return (next.Source, next.Messages.Current);
            Enqueue(next.Source, next.Messages);
        }

        void Enqueue(int source, IEnumerator<WireMessage> rest)
        {
            if (rest.MoveNext())
                waiting.Enqueue((source, rest), (rest.Current.Received ?? NodaTime.Instant.MaxValue, source));
            else
                rest.Dispose();
        }
    }
}
