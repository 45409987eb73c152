using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What the store says of wearers, devices, refusals, what goes out, and gaps.</summary>
sealed class DoctorContent(SqliteConnection reader, Settings settings, Instant now)
{
    const int NamesShown = 5;
    const int BatteryLow = 15;
    static readonly Duration Silent = Duration.FromDays(1);
    static readonly Duration Retired = Duration.FromDays(30);
    static readonly Duration PendingLong = Duration.FromMinutes(10);

    public Instant? LastReceipt => Has("clock")
        ? Ms.ToInstant(reader.ExecuteScalar<long?>("SELECT last FROM clock")) : null;

    public IEnumerable<DoctorFinding> All() =>
        [.. Wearers(), .. Devices(), DeadLetters(), .. Outbox(), .. Gaps()];

    public IEnumerable<DoctorFinding> Wearers()
    {
        if (Has("erased"))
        {
            var gone = new ErasedWearers(reader);
            var erased = settings.ListedWearers().Select(listed => listed.Id)
                .Where(id => gone.Contains(new WearerId(id))).ToList();
            if (erased.Count > 0)
                yield return DoctorFinding.Warning("wearers",
                    $"{erased.Count} listed but erased, so nothing of them is taken in: {Names(erased)}.",
                    "Take them off the list, unless they are to come back.");
        }

        if (!Has("wearer"))
            yield break;
        var known = settings.ListedWearers().Select(listed => listed.Id).ToHashSet(StringComparer.Ordinal);
        var strangers = reader.Query<string>(
            "SELECT name FROM wearer WHERE confirmed=0 ORDER BY name").ToList()
            .FindAll(name => !known.Contains(name));
        if (strangers.Count > 0)
            yield return DoctorFinding.Warning("wearers",
                $"{strangers.Count} sent data and are not listed: {Names(strangers)}.",
                "List those you know in Wearers, with their Zone; erase the others.");
    }

    IEnumerable<DoctorFinding> Devices()
    {
        if (!Has("series") || !Has("device"))
            yield break;
        // An instant of the data itself: a device that sends nothing but its history is silent.
        var heard = reader.Query<(string Wearer, string Device, long Last, long? Battery)>("""
            SELECT wearer.name, both.device, max(both.last), max(both.battery) FROM (
                SELECT wearer, device, last, NULL AS battery FROM series WHERE last IS NOT NULL
                UNION ALL SELECT wearer, name, at, battery FROM device) AS both
            JOIN wearer ON wearer.id=both.wearer GROUP BY 1, 2 ORDER BY 1, 2
            """).ToList();
        var silent = heard.FindAll(device => Since(device.Last) > Silent && Since(device.Last) < Retired);
        var low = heard.FindAll(device => device.Battery <= BatteryLow && Since(device.Last) < Retired);
        if (silent.Count > 0)
            yield return DoctorFinding.Warning("devices",
                $"{silent.Count} silent for more than a day: "
                + $"{Names([.. silent.Select(d => $"{d.Wearer}/{d.Device}")])}.",
                "See whether they are charged, worn and connected.");
        if (low.Count > 0)
            yield return DoctorFinding.Warning("devices",
                $"{low.Count} with {BatteryLow} % or less of their battery: "
                + $"{Names([.. low.Select(d => $"{d.Wearer}/{d.Device}")])}.", "Charge them.");
        if (silent.Count + low.Count == 0)
            yield return DoctorFinding.Ok("devices",
                $"{heard.Count(device => Since(device.Last) <= Silent)} sent within a day, "
                + $"{heard.Count(device => Since(device.Last) >= Retired)} not for a month.");
    }

    DoctorFinding DeadLetters()
    {
        if (!Has("dead_letter"))
            return DoctorFinding.Ok("dead letters", "None.");
        var all = reader.ExecuteScalar<long>("SELECT count(*) FROM dead_letter");
        var reasons = reader.Query<(string Reason, long Count)>("""
            SELECT reason, sum(items) FROM dead_letter WHERE received>@since GROUP BY reason ORDER BY 2 DESC
            """, new { since = Ms.Of(now - Duration.FromDays(1)) }).ToList();
        return reasons.Count == 0
            ? DoctorFinding.Ok("dead letters", $"None in 24 hours, {all} kept.")
            : DoctorFinding.Warning("dead letters",
                $"{reasons.Sum(r => r.Count)} refused in 24 hours: "
                + $"{Names([.. reasons.Select(r => $"{r.Count} {r.Reason}")])}; {all} kept.",
                "spasmstream dead-letters list --since 24h");
    }

    IEnumerable<DoctorFinding> Outbox()
    {
        if (!Has("outbox"))
            yield break;
        var expired = reader.ExecuteScalar<long>(
            "SELECT count(*) FROM outbox WHERE state='expired' AND done>@since",
            new { since = Ms.Of(now - Duration.FromDays(7)) });
        var oldest = Ms.ToInstant(reader.ExecuteScalar<long?>(
            "SELECT min(created) FROM outbox WHERE state='pending'"));
        if (expired > 0)
            yield return DoctorFinding.Warning("outbox",
                $"{expired} messages of the last 7 days expired before they could be delivered.",
                "See what is said of the broker and the channels.");
        if (oldest is { } since && now - since > PendingLong)
            yield return DoctorFinding.Warning("outbox",
                $"The oldest message waits for {(now - since).TotalMinutes:0} minutes.",
                "A worker must run, and its channels must answer.");
        else if (expired == 0)
            yield return DoctorFinding.Ok("outbox", "Nothing expired in 7 days, nothing waits long.");
    }

    IEnumerable<DoctorFinding> Gaps()
    {
        if (!Has("gap"))
            yield break;
        var gaps = reader.ExecuteScalar<long>(
            "SELECT count(*) FROM gap WHERE end IS NULL OR end>@since OR start>@since",
            new { since = Ms.Of(now - Duration.FromDays(7)) });
        yield return gaps == 0
            ? DoctorFinding.Ok("gaps", "No stretch of the last 7 days in which something may be lost.")
            : DoctorFinding.Warning("gaps",
                $"{gaps} stretches of the last 7 days in which something may be lost.",
                "The page shows them; devices that keep a history can send it again.");
    }

    Duration Since(long instant) => now - Ms.ToInstant(instant);

    // A store of an older schema has fewer tables.
    bool Has(string table) => reader.ExecuteScalar<long>(
        "SELECT count(*) FROM sqlite_master WHERE type='table' AND name=@table", new { table }) > 0;

    static string Names(List<string> names) =>
        Visible.Line(string.Join(", ", names.Take(NamesShown)))
        + (names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "");
}
