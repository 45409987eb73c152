using System.Text.Json;

namespace SpasmStream.Worker.Influx;

/// <summary>What was answered to a question in InfluxQL.</summary>
/// <param name="Answer">The answer as such.</param>
/// <param name="Fault">Why there are no rows, in words of ours; null when it was answered.</param>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The rows; none is an answer too.</param>
sealed record InfluxReply(InfluxAnswer Answer, string? Fault, IReadOnlyList<string> Columns,
    IReadOnlyList<JsonElement[]> Rows)
{
    public static InfluxReply Of(InfluxAnswer answer, ReadOnlyMemory<byte> body)
    {
        if (answer.IsForeign || answer.Status != 200)
            return Failed(answer, answer.Status == 0 ? "InfluxDB does not answer."
                : $"InfluxDB does not answer questions here (status {answer.Status}).");
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(answer, json.RootElement);
        }
        // Whoever stands there may say anything; a string that is no text is InvalidOperationException.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException
            or KeyNotFoundException or FormatException)
        {
            return Failed(answer, "What came is no answer of InfluxDB.");
        }
    }

    // A question that failed is answered with 200 and an "error" inside: that is not "no rows".
    static InfluxReply Read(InfluxAnswer answer, JsonElement root)
    {
        if (root.TryGetProperty("error", out _))
            return Failed(answer, "InfluxDB refuses the question.");
        var columns = new List<string>();
        var rows = new List<JsonElement[]>();
        foreach (var result in root.GetProperty("results").EnumerateArray())
        {
            if (result.TryGetProperty("error", out _))
                return Failed(answer, "InfluxDB refuses the question.");
            if (!result.TryGetProperty("series", out var all))
                continue;
            foreach (var series in all.EnumerateArray())
            {
                if (columns.Count == 0)
                    columns.AddRange(series.GetProperty("columns").EnumerateArray()
                        .Select(it => it.GetString() ?? ""));
                if (series.TryGetProperty("values", out var values))
                    rows.AddRange(values.EnumerateArray()
                        .Select(row => row.EnumerateArray().Select(cell => cell.Clone()).ToArray()));
            }
        }

        return new InfluxReply(answer, null, columns, rows);
    }

    static InfluxReply Failed(InfluxAnswer answer, string fault) => new(answer, fault, [], []);
}
