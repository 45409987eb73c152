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
        return Tags(folder, wearer, bad)
            .Concat(Workouts(folder, wearer, bad))
            .Concat(ActiveHours(folder, wearer, bad))
            .OrderBy(delivery => delivery.Received);
    }

    static IEnumerable<Delivery> Tags(string folder, string wearer, Action<int, string> bad)
    {
        foreach (var (line, cells) in Rows(folder, "tags.csv"))
        {
            if (cells.Length < 6 || OffsetOf(cells[0], cells[2]) is not { } at)
            {
                bad(line, "a tag needs start_utc, utc_offset_hours and tag_type");
                continue;
            }

            var (what, entry) = Entry(cells[5], at, line);
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
        foreach (var (line, cells) in Rows(folder, "workouts.csv"))
        {
            var start = InstantPattern.General.Parse(cells[1]);
            if (!start.Success || !double.TryParse(cells[3], CultureInfo.InvariantCulture, out var seconds))
            {
                bad(line, "a workout needs start_utc and duration_s");
                continue;
            }

            var end = start.Value + Duration.FromSeconds(seconds);
            yield return Message(wearer, Device, "activity", end, new
            {
                v = 1,
                id = $"oura-workout-{line}",
                t = InstantPattern.General.Format(start.Value),
                dur = (long)(seconds * 1000),
                type = cells[0],
                intensity = cells[6] switch { "easy" => "light", "hard" => "vigorous", _ => "moderate" },
            });
        }
    }

    static IEnumerable<Delivery> ActiveHours(string folder, string wearer, Action<int, string> bad)
    {
        (int Column, string Intensity)[] levels = [(3, "vigorous"), (4, "moderate"), (5, "light")];
        foreach (var (line, cells) in Rows(folder, "activity.csv"))
        {
            var date = LocalDatePattern.Iso.Parse(cells[0]);
            if (!date.Success)
            {
                bad(line, "a day of activity needs its day");
                continue;
            }

            var day = date.Value.AtMidnight().InUtc().ToInstant();
            foreach (var (column, intensity) in levels)
                if (double.TryParse(cells[column], CultureInfo.InvariantCulture, out var hours) && hours > 0)
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

    static IEnumerable<(int Line, string[] Cells)> Rows(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
            yield break;
        var line = 0;
        foreach (var text in File.ReadLines(path))
            if (++line > 1 && text.Length > 0)
                yield return (line, text.Split(','));
    }

    static OffsetDateTime? OffsetOf(string utc, string hours)
    {
        var instant = InstantPattern.General.Parse(utc);
        return instant.Success && double.TryParse(hours, CultureInfo.InvariantCulture, out var offset)
            ? instant.Value.WithOffset(Offset.FromSeconds((int)(offset * 3600))) : null;
    }

    static Delivery Message(string wearer, string device, string kind, Instant received, object body) => new()
    {
        Topic = $"spasmstream/v1/in/{wearer}/{device}/{kind}",
        Payload = JsonSerializer.SerializeToUtf8Bytes(body),
        Received = received,
        Replayed = true,
    };
}
