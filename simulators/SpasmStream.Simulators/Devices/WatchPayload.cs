using System.Text.Json;
using NodaTime;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>What one sync carries: whole hours of columns, cut at its first and last minute.</summary>
sealed class WatchPayload(MinuteTrack? previous, MinuteTrack current, Instant from, Instant until)
{
    const long HourMs = 3_600_000;
    const int HeartRateStep = 60_000;
    const int StepsStep = 300_000;

    /// <summary>One reading a minute; null when there was none at all.</summary>
    public (byte[]? Payload, int Values) HeartRate() =>
        Columns("bpm", HeartRateStep, track => track.HeartRate);

    /// <summary>One sum for each five minutes; null when the watch was off throughout.</summary>
    public (byte[]? Payload, int Values) Steps() => Columns("steps", StepsStep, track => track.Steps);

    (byte[]? Payload, int Values) Columns(string name, int step, Func<MinuteTrack, short[]> column)
    {
        List<(long Start, int?[] Values)> hours = [];
        var count = 0;
        var end = until.ToUnixTimeMilliseconds();
        for (var start = from.ToUnixTimeMilliseconds(); start < end;)
        {
            var next = Math.Min(end, (start / HourMs + 1) * HourMs);
            var values = new int?[(next - start) / step];
            for (var i = 0; i < values.Length; i++)
                values[i] = Value(start + (long)i * step, step, column);
            var known = values.Count(value => value is not null);
            if (known > 0)
                hours.Add((start, values));
            count += known;
            start = next;
        }
        return count == 0
            ? default
            : (JsonPayload.Array(hours, (json, hour) => Write(json, name, step, hour)), count);
    }

    /// <summary>
    /// The sum over the cell's minutes; a minute without a value is nothing, all without one a gap.
    /// </summary>
    int? Value(long start, int step, Func<MinuteTrack, short[]> column)
    {
        int? sum = null;
        for (var minute = start; minute < start + step; minute += HeartRateStep)
        {
            var at = Instant.FromUnixTimeMilliseconds(minute);
            var track = at < current.Start ? previous : current;
            if (track is null || at < track.Start || at >= track.End)
                continue;
            var value = column(track)[track.IndexOf(at)];
            if (value != MinuteTrack.Gap)
                sum = (sum ?? 0) + value;
        }
        return sum;
    }

    static void Write(Utf8JsonWriter json, string name, int step, (long Start, int?[] Values) hour)
    {
        json.WriteNumber("t0", hour.Start);
        json.WriteNumber("step", step);
        json.WriteStartArray(name);
        foreach (var value in hour.Values)
            if (value is { } known)
                json.WriteNumberValue(known);
            else
                json.WriteNullValue();
        json.WriteEndArray();
        json.WriteString("src", "spasmsim");
    }
}
