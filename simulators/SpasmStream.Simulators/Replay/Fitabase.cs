using System.Globalization;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Devices;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Replay;

/// <summary>
/// Reads Fitabase's <c>heartrate_seconds_*.csv</c>: local wall-clock times without a zone, one reading a
/// row. Each hour becomes one message of columns, and each row one value in it, even where two rows share a
/// second.
/// </summary>
sealed class Fitabase(SourceReport report, DateTimeZone zone, string? wearer, string device)
{
    public const string Header = "Id,Time,Value";
    const int RowsPerMessage = 10_000;

    static readonly LocalDateTimePattern Time =
        LocalDateTimePattern.CreateWithInvariantCulture("M/d/uuuu h:mm:ss tt");

    // The hour being gathered, and the last instant of its wearer.
    readonly List<(Instant At, double Value)> _hour = [];
    string _id = "";
    Instant _last = Instant.MinValue;

    /// <param name="lines">The file with its header.</param>
    public IEnumerable<WireMessage> Read(IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (number == 1 || string.IsNullOrWhiteSpace(line))
                continue;
            report.Rows++;
            if (!TryParse(line, out var row, out var why))
            {
                report.Refuse(number, why);
                continue;
            }
            var at = InstantOf(row.Id, row.Time);
            if (_hour.Count > 0
                && (row.Id != _id || HourOf(at) != HourOf(_hour[0].At) || _hour.Count == RowsPerMessage))
                yield return Flush();
            (_id, _last) = (row.Id, at);
            _hour.Add((at, row.Value));
        }
        if (_hour.Count > 0)
            yield return Flush();
    }

    bool TryParse(string line, out (string Id, LocalDateTime Time, double Value) row, out string why)
    {
        (row, why) = (default, "");
        if (line.Split(',') is not [var id, var time, var value])
            why = "not three columns";
        else if (wearer is null && !WearerId.IsValid("fitabase-" + id.Trim()))
            why = "the id cannot name a wearer";
        else if (Time.Parse(time.Trim()) is not { Success: true, Value: var local })
            why = "not a time such as 4/12/2016 7:21:00 AM";
        else if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var bpm)
                 || !double.IsFinite(bpm))
            why = "not a number";
        else
            row = (id.Trim(), local, bpm);
        return why.Length == 0;
    }

    /// <summary>
    /// A time the clocks skipped moves on by the gap; one they showed twice is its first pass, unless the
    /// rows are beyond it already.
    /// </summary>
    Instant InstantOf(string id, LocalDateTime time)
    {
        var mapping = zone.MapLocal(time);
        if (mapping.Count == 2 && id == _id && _last > mapping.First().ToInstant())
            return mapping.Last().ToInstant();
        return zone.AtLeniently(time).ToInstant();
    }

    WireMessage Flush()
    {
        // A stable order keeps two readings of one second as the file has them.
        List<(Instant At, double Value)> rows = [.. _hour.OrderBy(row => row.At)];
        _hour.Clear();
        var start = rows[0].At;
        var payload = JsonPayload.Object(json =>
        {
            json.WriteNumber("t0", start.ToUnixTimeMilliseconds());
            json.WriteStartArray("dt");
            foreach (var (at, _) in rows)
                json.WriteNumberValue((long)(at - start).TotalMilliseconds);
            json.WriteEndArray();
            json.WriteStartArray("bpm");
            foreach (var (_, value) in rows)
                json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteString("src", "fitabase");
        });
        var topic = $"spasmstream/v1/in/{wearer ?? "fitabase-" + _id}/{device}/heart-rate";
        return report.Sending(
            new(topic, rows[^1].At + Duration.FromSeconds(1), payload) { Samples = rows.Count });
    }

    static long HourOf(Instant at) => at.ToUnixTimeSeconds() / 3600;
}
