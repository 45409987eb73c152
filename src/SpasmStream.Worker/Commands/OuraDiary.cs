using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Reads an Oura diary export as messages of our own format: tags become diary entries, workouts and active
/// hours become activity. Its scores of 0 to 100 are somebody else's model and are left alone.
/// </summary>
static class OuraDiary
{
    const string Device = "oura";

    /// <summary>In order of receipt: a tag is taken to have been received when it was set.</summary>
    public static IEnumerable<Delivery> Read(string folder, string? wearer, Action<int, string> bad)
    {
        if (wearer is null)
            throw new SetupException("Say whose diary this is: --wearer NAME.");
        if (!File.Exists(Path.Combine(folder, "tags.csv")))
            throw new SetupException($"There is no tags.csv in {folder}: this is not an Oura diary export.");
        return Tags(folder, wearer, In("tags.csv"))
            .Concat(Workouts(folder, wearer, In("workouts.csv")))
            .Concat(ActiveHours(folder, wearer, In("activity.csv")))
            .OrderBy(delivery => delivery.Received);

        Action<int, string> In(string name) => (line, fault) => bad(line, $"{name}: {fault}");
    }

    static IEnumerable<Delivery> Tags(string folder, string wearer, Action<int, string> bad)
    {
        foreach (var (line, cells) in Rows(
            folder, "tags.csv", bad, "start_utc", "utc_offset_hours", "tag_type"))
        {
            if (OffsetOf(cells[0], cells[1]) is not { } at)
            {
                bad(line, "a tag needs an instant in start_utc and hours in utc_offset_hours");
                continue;
            }

            var (what, entry) = Entry(cells[2], at, line);
            yield return Message(wearer, "diary", what, at.ToInstant(), entry);
        }
    }

    // A tag marks when an attack was noted, not surely its onset, and has no end.
    static (string What, object Entry) Entry(string tag, OffsetDateTime at, int line)
    {
        var (id, t) = ($"oura-{line}", OffsetDateTimePattern.Rfc3339.Format(at));
        return tag switch
        {
            "migraine" => ("episode", new
            {
                v = 1, id, t, type = "migraine", onset = "approx", unc = 3_600_000, logged = t,
            }),
            "beer" or "wine" or "alcohol" => ("trigger", new
            {
                v = 1, id, t, type = "alcohol", qty = 1, unit = "drink", label = tag,
            }),
            "coffee" or "late_coffee" =>
                ("trigger", new { v = 1, id, t, type = "caffeine", qty = 1, label = tag }),
            "nocaffeine" => ("trigger", new { v = 1, id, t, type = "caffeine", qty = 0, label = tag }),
            "stress" or "anxiety" => ("trigger", new { v = 1, id, t, type = "stress", label = tag }),
            "travel" or "car" or "airplane" or "train" =>
                ("trigger", new { v = 1, id, t, type = "travel", label = tag }),
            "latemeal" => ("trigger", new { v = 1, id, t, type = "meal", label = tag }),
            "sick" or "cold" or "hangover" =>
                ("trigger", new { v = 1, id, t, type = "illness", label = tag }),
            "late_workout" => ("trigger", new { v = 1, id, t, type = "exercise", label = tag }),
            _ => ("trigger", new { v = 1, id, t, type = "other", label = tag }),
        };
    }

    static IEnumerable<Delivery> Workouts(string folder, string wearer, Action<int, string> bad)
    {
        foreach (var (line, cells) in Rows(
            folder, "workouts.csv", bad, "activity_type", "start_utc", "duration_s", "intensity"))
        {
            if (InstantOf(cells[1]) is not { } start || NumberOf(cells[2], 0, 7 * 86_400) is not { } seconds)
            {
                bad(line, "a workout needs an instant in start_utc and seconds in duration_s");
                continue;
            }

            var end = start + Duration.FromSeconds(seconds);
            yield return Message(wearer, Device, "activity", end, new
            {
                v = 1,
                id = $"oura-workout-{line}",
                t = InstantPattern.General.Format(start),
                dur = (long)(seconds * 1000),
                type = cells[0],
                intensity = cells[3] switch { "easy" => "light", "hard" => "vigorous", _ => "moderate" },
            });
        }
    }

    static IEnumerable<Delivery> ActiveHours(string folder, string wearer, Action<int, string> bad)
    {
        (int Column, string Intensity)[] levels = [(1, "vigorous"), (2, "moderate"), (3, "light")];
        foreach (var (line, cells) in Rows(folder, "activity.csv", bad,
            "day", "activity_high_hrs", "activity_med_hrs", "activity_low_hrs"))
        {
            if (InstantOf(cells[0] + "T00:00:00Z") is not { } day)
            {
                bad(line, "a day of activity needs its day");
                continue;
            }

            foreach (var (column, intensity) in levels)
                if (NumberOf(cells[column], 0, 24) is { } hours and > 0)
                    yield return Message(wearer, Device, "activity", day + Duration.FromHours(30), new
                    {
                        v = 1,
                        id = $"oura-{intensity}-{cells[0]}",
                        t = InstantPattern.General.Format(day),
                        dur = (long)(hours * 3_600_000),
                        type = "day_total",
                        intensity,
                    });
        }
    }

    static IEnumerable<(int Line, string[] Cells)> Rows(
        string folder, string name, Action<int, string> bad, params IReadOnlyList<string> columns)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? new CsvRows(path, columns, bad).Read() : [];
    }

    static OffsetDateTime? OffsetOf(string utc, string hours)
    {
        return InstantOf(utc) is { } instant && NumberOf(hours, -18, 18) is { } offset
            ? instant.WithOffset(Offset.FromSeconds((int)(offset * 3600))) : null;
    }

    // Far from the ends of time, so that nothing overflows.
    static Instant? InstantOf(string text) =>
        InstantPattern.General.Parse(text) is { Success: true, Value: var instant }
            && instant.InUtc().Year is > 1900 and < 2200 ? instant : null;

    static double? NumberOf(string text, double least, double most) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number : null;

    static Delivery Message(string wearer, string device, string kind, Instant received, object body) => new()
    {
        Topic = $"spasmstream/v1/in/{wearer}/{device}/{kind}",
        Payload = JsonSerializer.SerializeToUtf8Bytes(body),
        Received = received,
        Replayed = true,
    };
}
