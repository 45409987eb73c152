using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Influx;

/// <summary>InfluxDB cannot be asked, or was asked for too much; the message says why.</summary>
sealed class InfluxRefusedException(string reason) : Exception(reason);

/// <summary>
/// Reads samples back from where InfluxQL is answered: for what is older than the rows that are kept here.
/// Ten seconds a page and 100,000 samples are the most; whatever names the wearer is bound, never written.
/// </summary>
sealed class InfluxHistory(InfluxHttp link)
{
    /// <summary>The most samples of a range.</summary>
    public const int RowsMost = 100_000;

    /// <summary>The longest range.</summary>
    public static readonly Duration LongestRange = Duration.FromDays(32);

    // A page stays well below what is read of an answer.
    const int PageRows = 10_000;

    /// <summary>
    /// The samples of a signal that start in [from, to), oldest first, but those that were taken back;
    /// <see cref="InfluxRefusedException"/> when they cannot be had.
    /// </summary>
    /// <param name="wearer">The name the wearer goes by there.</param>
    /// <param name="signal">What was measured.</param>
    /// <param name="from">Not before.</param>
    /// <param name="to">Before.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public async Task<IReadOnlyList<Sample>> SamplesAsync(string wearer, Signal signal, Instant from,
        Instant to, CancellationToken cancellationToken)
    {
        if (to <= from || to - from > LongestRange)
            throw new InfluxRefusedException($"A range of up to {LongestRange.Days} days is needed.");
        var samples = new List<Sample>();
        for (var read = 0; ;)
        {
            var reply = await link.AskAsync(InfluxQuestion.Samples(
                LineTable.Signals[signal], wearer, from, to, PageRows, read), cancellationToken);
            if (reply.Fault is { } fault)
                throw new InfluxRefusedException(fault);
            read += reply.Rows.Count;
            if (read > RowsMost)
                throw new InfluxRefusedException($"There are more than {RowsMost} samples in that range.");
            var columns = reply.Columns.Index().ToDictionary(it => it.Item, it => it.Index);
            foreach (var row in reply.Rows)
                if (SampleOf(signal, name => row[columns[name]]) is { } sample)
                    samples.Add(sample);
            if (reply.Rows.Count < PageRows)
                return samples;
        }
    }

    static Sample? SampleOf(Signal signal, Func<string, JsonElement> cell)
    {
        if (cell("gone").ValueKind == JsonValueKind.True || cell("value").ValueKind != JsonValueKind.Number)
            return null;
        var start = Instant.FromUnixTimeMilliseconds(cell("time").GetInt64());
        var duration = Duration.FromMilliseconds(Number(cell("dur_ms")) ?? 0);
        return new Sample
        {
            Series = new Series(
                Text(cell("device")), signal, StatOf(Text(cell("stat"))), Text(cell("source"))),
            Start = start,
            Duration = duration,
            Value = cell("value").GetDouble(),
            // It says nothing when it came at once.
            Received = Number(cell("recv")) is { } received
                ? Instant.FromUnixTimeMilliseconds((long)received) : start + duration,
            Quality = Number(cell("q")),
            OffsetMinutes = (int?)Number(cell("off_min")),
        };
    }

    static double? Number(JsonElement cell) =>
        cell.ValueKind == JsonValueKind.Number ? cell.GetDouble() : null;

    static string Text(JsonElement cell) =>
        cell.ValueKind == JsonValueKind.String ? LineText.Read(cell.GetString()!) : "";

    static Stat StatOf(string word) => LineTable.Stats.FirstOrDefault(it => it.Value == word).Key;
}
