using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;

namespace SpasmStream.Worker.Commands;

/// <summary>In which form tables are written.</summary>
[Flags]
enum ExportFormat
{
    Json = 1,
    Csv = 2,
    Both = Json | Csv,
}

/// <summary>
/// Writes rows into files of a folder, as JSON lines and as CSV, row by row; the names are ours alone.
/// </summary>
sealed class ExportFolder(string folder, ExportFormat format)
{
    const int Spill = 1 << 16;

    // RFC 4180 by default; a spreadsheet takes a text that begins like this for a formula.
    static readonly CsvWriterOptions Harmless = new()
    {
        Injection = CsvInjection.Escape, InjectionCharacters = "=+-@\t\r", InjectionEscape = '\'',
    };

    readonly List<ManifestFile> _files = [];

    public IReadOnlyList<ManifestFile> Files => _files;

    /// <summary>One table; true, numbers and JSON stay what they are in JSON lines.</summary>
    public void Write(
        string name, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, Action<long> done)
    {
        using var lines = format.HasFlag(ExportFormat.Json) ? new HashedFile(folder, name + ".ndjson") : null;
        using var sheet = format.HasFlag(ExportFormat.Csv) ? new HashedFile(folder, name + ".csv") : null;
        using var csv = sheet is null ? null : CsvWriter.Create(sheet.Stream, Harmless, leaveOpen: true);
        var buffer = new ArrayBufferWriter<byte>(Spill);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        csv?.WriteRecord([.. columns]);
        var count = 0L;
        foreach (var row in rows)
        {
            if (lines is not null)
                WriteLine(json, columns, row, buffer, lines.Stream);
            if (csv is not null)
                WriteRecord(csv, row);
            if (++count % 10_000 == 0)
                done(10_000);
        }

        done(count % 10_000);
        lines?.Stream.Write(buffer.WrittenSpan);
        csv?.Flush();
        foreach (var file in new[] { lines, sheet })
            if (file is not null)
                _files.Add(file.Finish(count));
    }

    /// <summary>The messages that would make the store's content again, as interchange NDJSON.</summary>
    public void WriteMessages(IEnumerable<ExportedMessage> messages)
    {
        using var file = new HashedFile(folder, "messages.ndjson");
        _files.Add(file.Finish(NdjsonFile.Write(file.Stream, messages)));
    }

    static void WriteLine(Utf8JsonWriter json, IReadOnlyList<string> columns, object?[] row,
        ArrayBufferWriter<byte> buffer, Stream stream)
    {
        json.WriteStartObject();
        for (var i = 0; i < row.Length; i++)
            if (row[i] is { } cell)
            {
                json.WritePropertyName(columns[i]);
                WriteValue(json, cell);
            }

        json.WriteEndObject();
        json.Flush();
        json.Reset();
        buffer.Write("\n"u8);
        if (buffer.WrittenCount < Spill)
            return;
        stream.Write(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }

    static void WriteValue(Utf8JsonWriter json, object cell)
    {
        switch (cell)
        {
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case bool yes:
                json.WriteBooleanValue(yes);
                break;
            case JsonElement element:
                element.WriteTo(json);
                break;
            default:
                json.WriteStringValue((string)cell);
                break;
        }
    }

    static void WriteRecord(CsvWriter csv, object?[] row)
    {
        foreach (var cell in row)
            switch (cell)
            {
                case long number:
                    csv.WriteField(number);
                    break;
                case double number:
                    csv.WriteField(number);
                    break;
                case bool yes:
                    csv.WriteField(yes ? "true" : "false");
                    break;
                case JsonElement element:
                    csv.WriteField(element.GetRawText());
                    break;
                default:
                    // The one such character that the library does not take for one.
                    csv.WriteField(cell is string text && text.StartsWith('\0') ? "'" + text : (string?)cell);
                    break;
            }

        csv.EndRecord();
    }
}
