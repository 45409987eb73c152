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
        var runs = new Dictionary<(Series, Duration), List<ReceiptRun>>();
        // A sample's receipt may be told by one before the range, in the same hour.
        var hour = Instant.FromUnixTimeMilliseconds(ReceiptRun.HourOf(from.ToUnixTimeMilliseconds()));
        for (var read = 0; ;)
        {
            var reply = await link.AskAsync(InfluxQuestion.Samples(
                LineTable.Signals[signal], wearer, hour, to, PageRows, read), cancellationToken);
            if (reply.Fault is { } fault)
                throw new InfluxRefusedException(fault);
            read += reply.Rows.Count;
            if (read > RowsMost)
                throw new InfluxRefusedException($"There are more than {RowsMost} samples in that range.");
            var columns = reply.Columns.Index().ToDictionary(it => it.Item, it => it.Index);
            foreach (var row in reply.Rows)
                if (SampleOf(signal, name => row[columns[name]], runs) is { } sample && sample.Start >= from)
                    samples.Add(sample);
            if (reply.Rows.Count < PageRows)
                return samples;
        }
    }

    static Sample? SampleOf(Signal signal, Func<string, JsonElement> cell,
        Dictionary<(Series, Duration), List<ReceiptRun>> runs)
    {
        var at = cell("time").GetInt64();
        var series = new Series(
            Text(cell("device")), signal, StatOf(Text(cell("stat"))), Text(cell("source")));
        var duration = Duration.FromMilliseconds(Number(cell("dur_ms")) ?? 0);
        if (!runs.TryGetValue((series, duration), out var open))
            runs[(series, duration)] = open = [];
        open.RemoveAll(run => run.To < at);
        if (Number(cell("run_recv")) is { } runReceived)
            open.Add(new ReceiptRun(
                at, (long)Number(cell("run_step"))!, (long)Number(cell("run_to"))!, (long)runReceived));
        if (cell("gone").ValueKind == JsonValueKind.True || cell("value").ValueKind != JsonValueKind.Number)
            return null;
        var start = Instant.FromUnixTimeMilliseconds(at);
        var run = open.Find(run => run.Holds(at));
        return new Sample
        {
            Series = series,
            Start = start,
            Duration = duration,
            Value = cell("value").GetDouble(),
            // Said by itself, else by the first of its run; when by neither, it came at once.
            Received = Number(cell("recv")) is { } received ? Instant.FromUnixTimeMilliseconds((long)received)
                : run.Exists ? Instant.FromUnixTimeMilliseconds(run.Received) : start + duration,
            Quality = Number(cell("q")) is { } q && q != LineTable.UnknownQuality ? q : null,
            OffsetMinutes = Number(cell("off_min")) is { } offset && offset != LineTable.UnknownOffset
                ? (int)offset : null,
        };
    }

    static double? Number(JsonElement cell) =>
        cell.ValueKind == JsonValueKind.Number ? cell.GetDouble() : null;

    static string Text(JsonElement cell) =>
        cell.ValueKind == JsonValueKind.String ? LineText.Read(cell.GetString()!) : "";

    static Stat StatOf(string word) => LineTable.Stats.FirstOrDefault(it => it.Value == word).Key;
}
