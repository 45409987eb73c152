using Dapper;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>One wearer as <c>wearers list</c> shows them.</summary>
/// <param name="Id">The name in topics.</param>
/// <param name="State">
/// <c>configured</c>, <c>added</c>, <c>unconfirmed</c> (came by a message) or <c>unlisted</c> (was once).
/// </param>
/// <param name="Zone">The zone as listed; null is this machine's.</param>
/// <param name="Since">When the store first heard of them.</param>
/// <param name="LastHeard">The newest thing that was kept of them.</param>
sealed record WearerLine(string Id, string State, string? Zone, Instant? Since, Instant? LastHeard);

/// <summary>Everybody who is listed or in the store; reads beside a running worker.</summary>
static class WearerListing
{
    public static List<WearerLine> Read(Settings settings)
    {
        var kept = Kept(settings).ToDictionary(row => row.Name);
        var listed = settings.ListedWearers();
        var lines = listed.Select(wearer => new WearerLine(wearer.Id,
            settings.Wearers.Contains(wearer) ? "configured" : "added", wearer.Zone,
            Ms.ToInstant(kept.GetValueOrDefault(wearer.Id)?.Created),
            Ms.ToInstant(kept.GetValueOrDefault(wearer.Id)?.Last)));
        var strangers = kept.Values.Where(row => listed.All(wearer => wearer.Id != row.Name))
            .Select(row => new WearerLine(row.Name, row.Confirmed == 0 ? "unconfirmed" : "unlisted", null,
                Ms.ToInstant(row.Created), Ms.ToInstant(row.Last)));
        return lines.Concat(strangers).OrderBy(line => line.Id, StringComparer.Ordinal).ToList();
    }

    static List<Row> Kept(Settings settings)
    {
        var file = StoreFile.Of(settings.Store);
        if (!File.Exists(file.Path))
            return [];
        using var reader = file.OpenReader();
        return reader.Query<Row>("""
            SELECT name, confirmed, created, (SELECT max(at) FROM (
                SELECT max(last) AS at FROM series WHERE series.wearer=wearer.id
                UNION ALL SELECT max(received) FROM entry WHERE entry.wearer=wearer.id
                UNION ALL SELECT max(received) FROM device WHERE device.wearer=wearer.id)) AS last
            FROM wearer
            """).ToList();
    }

    sealed class Row
    {
        public string Name { get; set; } = "";

        public long Confirmed { get; set; }

        public long Created { get; set; }

        public long? Last { get; set; }
    }
}
