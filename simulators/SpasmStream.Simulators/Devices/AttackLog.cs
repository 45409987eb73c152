using NodaTime;
using NodaTime.Text;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>How an attack gets into the diary: when, how exactly, and what was taken for it.</summary>
sealed class AttackLog(string wearer, DateTimeZone zone)
{
    /// <summary>At once 0.6, that evening 0.2, the next day 0.15, never 0.05 (science 8.1).</summary>
    public IEnumerable<WireMessage> Write(Attack attack, DayPlan day, Instant bedtime, SeededRandom random)
    {
        var habit = random.Unit();
        var delay = Duration.FromSeconds((long)random.Between(300, 1500));
        var rounding = random.Unit();
        var takesTriptan = random.Chance(0.65);
        if (habit >= 0.95)
            yield break;

        var isOnWaking = attack.Start < day.Night.Wake;
        var noticed = isOnWaking ? day.Night.Wake : attack.Start;
        var logged = habit < 0.6 ? noticed + delay
            : Evening(day.Date.PlusDays(habit < 0.8 && noticed + delay < Evening(day.Date) ? 0 : 1)) + delay;
        var entry = Entry(attack, noticed, isOnWaking, habit >= 0.8 && rounding > 0.8, rounding);
        // What was slept through is felt a little longer: nobody logs an attack that ended before it was
        // noticed.
        var over = Instant.Max(attack.End, noticed + Duration.FromMinutes(30));
        var ended = Awake(over + Duration.FromMinutes(10));
        yield return Episode(entry, logged, logged >= ended ? over : null, revision: 1);
        if (logged < ended)
            yield return Episode(entry, ended, over, revision: 2);
        if (takesTriptan && noticed + delay < bedtime)
            yield return Medicine(entry, noticed + delay, Instant.Max(logged, noticed + delay));
    }

    /// <summary>Onsets are told to the minute, to the quarter, to the hour or by the day alone.</summary>
    LoggedAttack Entry(Attack attack, Instant noticed, bool isOnWaking, bool isDayOnly, double rounding)
    {
        var id = "ep-" + LocalDatePattern.Iso.Format(attack.Start.InZone(zone).Date);
        if (isDayOnly)
            return new(id, attack, null, "day_only", 0);
        if (isOnWaking)
            return new(id, attack, noticed, "on_waking", 0);
        return rounding switch
        {
            < 0.2 => new(id, attack, noticed, "exact", 0),
            < 0.6 => new(id, attack, Floor(noticed, 15), "approx", 15),
            _ => new(id, attack, Floor(noticed, 60), "approx", 60),
        };
    }

    WireMessage Episode(LoggedAttack entry, Instant logged, Instant? end, int revision) =>
        new(Topic("episode"), logged, JsonPayload.Object(json =>
        {
            json.WriteString("id", entry.Id);
            json.WriteNumber("rev", revision);
            if (entry.At is { } at)
                json.WriteString("t", WireTime.Format(at, zone));
            else
                json.WriteString("day", LocalDatePattern.Iso.Format(entry.Attack.Start.InZone(zone).Date));
            json.WriteString("onset", entry.Onset);
            if (entry.UncertainMinutes > 0)
                json.WriteNumber("unc", entry.UncertainMinutes * 60_000);
            json.WriteString("logged", WireTime.Format(logged, zone));
            json.WriteString("type", "migraine");
            json.WriteNumber("sev", entry.Attack.Severity);
            if (end is { } over)
                json.WriteString("end", WireTime.Format(over, zone));
            json.WriteBoolean("aura", entry.Attack.Aura);
            json.WriteString("side", entry.Attack.Side);
            json.WriteStartArray("symptoms");
            if (entry.Attack.Severity >= 6)
                json.WriteStringValue("nausea");
            json.WriteStringValue("photophobia");
            json.WriteEndArray();
        }));

    WireMessage Medicine(LoggedAttack entry, Instant taken, Instant logged) =>
        new(Topic("medication"), logged + Duration.FromSeconds(30), JsonPayload.Object(json =>
        {
            json.WriteString("id", "md-" + entry.Id);
            json.WriteString("t", WireTime.Format(taken, zone));
            json.WriteString("name", "sumatriptan");
            json.WriteNumber("dose", 50);
            json.WriteString("unit", "mg");
            json.WriteString("class", "acute");
            json.WriteString("drug", "triptan");
            json.WriteString("for", entry.Id);
        }));

    string Topic(string what) => $"spasmstream/v1/in/{wearer}/diary/{what}";

    Instant Evening(LocalDate date) => zone.AtLeniently(date + new LocalTime(21, 35)).ToInstant();

    /// <summary>What ends in the night is written down in the morning.</summary>
    Instant Awake(Instant at)
    {
        var local = at.InZone(zone).LocalDateTime;
        if (local.Hour is >= 8 and < 22)
            return at;
        var date = local.Hour < 8 ? local.Date : local.Date.PlusDays(1);
        return zone.AtLeniently(date + new LocalTime(8, 15)).ToInstant();
    }

    Instant Floor(Instant at, int minutes)
    {
        var local = at.InZone(zone);
        return at - Duration.FromMinutes(local.Minute % minutes) - Duration.FromSeconds(local.Second);
    }

    sealed record LoggedAttack(string Id, Attack Attack, Instant? At, string Onset, int UncertainMinutes);
}
