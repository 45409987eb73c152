using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>A night as the watch sums it up, with its stages.</summary>
static class SleepPayload
{
    const long MinuteMs = 60_000;

    public static byte[] Write(Night night, DateTimeZone zone) => JsonPayload.Object(json =>
    {
        var runs = Runs(night.Stages);
        var awake = runs.Where(run => run.Stage == SleepStage.Awake).ToList();
        json.WriteString("id", "night-" + LocalDatePattern.Iso.Format(night.Date));
        json.WriteString("t", WireTime.Format(night.Onset, zone));
        json.WriteNumber("dur", night.Stages.Count * MinuteMs);
        json.WriteBoolean("main", true);
        json.WriteString("tz", zone.Id);
        json.WriteNumber("asleep", night.AsleepMinutes * MinuteMs);
        json.WriteNumber("latency", night.LatencyMinutes * MinuteMs);
        json.WriteNumber("waso", awake.Sum(run => run.Length) * MinuteMs);
        json.WriteNumber("awakenings", awake.Count);
        json.WriteStartObject("in_bed");
        json.WriteString("t", WireTime.Format(night.InBed, zone));
        json.WriteNumber("dur", (night.LatencyMinutes + night.Stages.Count + 5) * MinuteMs);
        json.WriteEndObject();
        json.WriteStartArray("stages");
        foreach (var (stage, offset, length) in runs)
        {
            json.WriteStartArray();
            json.WriteStringValue(Name(stage));
            json.WriteNumberValue(offset * MinuteMs);
            json.WriteNumberValue(length * MinuteMs);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteString("src", "spasmsim");
    });

    static List<(SleepStage Stage, int Offset, int Length)> Runs(IReadOnlyList<SleepStage> stages)
    {
        List<(SleepStage, int, int)> runs = [];
        for (var (start, minute) = (0, 1); minute <= stages.Count; minute++)
        {
            if (minute < stages.Count && stages[minute] == stages[start])
                continue;
            runs.Add((stages[start], start, minute - start));
            start = minute;
        }
        return runs;
    }

    static string Name(SleepStage stage) => stage switch
    {
        SleepStage.Awake => "awake",
        SleepStage.Light => "light",
        SleepStage.Deep => "deep",
        SleepStage.Rem => "rem",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "No night has such a stage."),
    };
}
