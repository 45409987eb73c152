using Dapper;
using NodaTime;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>An account, or a device that was heard of, as <c>devices list</c> shows it.</summary>
sealed record DeviceLine
{
    /// <summary>Null when the device comes by an account for several.</summary>
    public string? User { get; init; }

    /// <summary>By commas, or <c>all</c>.</summary>
    public required string Wearer { get; init; }

    public string? Device { get; init; }

    /// <summary><c>configured</c>, <c>added</c>, <c>revoked</c>, or <c>heard</c> of only.</summary>
    public required string State { get; init; }

    public bool? Online { get; init; }

    public int? Battery { get; init; }

    public bool? Worn { get; init; }

    public bool? Charging { get; init; }

    public Instant? LastHeard { get; init; }
}

/// <summary>All accounts with what their devices last said; reads beside a running worker.</summary>
static class DeviceListing
{
    public static List<DeviceLine> Read(Settings settings)
    {
        var heard = Heard(settings);
        var lines = settings.Broker.Accounts.ConvertAll(account => new DeviceLine
        {
            User = account.User,
            Wearer = account.Gateway ? "all" : string.Join(',', account.Wearers),
            State = "configured",
        });
        foreach (var account in new AccountFile(settings.Store.Directory).Read())
            lines.Add(Line(account, heard));
        lines.AddRange(heard.Values
            .Where(row => !lines.Exists(line => line.Wearer == row.Wearer && line.Device == row.Device))
            .Select(row => With(row, new DeviceLine
            {
                Wearer = row.Wearer, Device = row.Device, State = "heard",
            })));
        return lines;
    }

    static DeviceLine Line(StoredAccount account, Dictionary<(string, string), Row> heard)
    {
        var line = new DeviceLine
        {
            User = account.User,
            Wearer = account.All ? "all" : string.Join(',', account.Wearers),
            Device = account.Device,
            State = account.Revoked is null ? "added" : "revoked",
        };
        return account.Device is { } device && heard.TryGetValue((line.Wearer, device), out var row)
            ? With(row, line) : line;
    }

    static DeviceLine With(Row row, DeviceLine line) => line with
    {
        Online = Flag(row.Online),
        Battery = (int?)row.Battery,
        Worn = Flag(row.Worn),
        Charging = Flag(row.Charging),
        LastHeard = Ms.ToInstant(row.Last),
    };

    static bool? Flag(long? value) => value is null ? null : value != 0;

    static Dictionary<(string Wearer, string Device), Row> Heard(Settings settings)
    {
        var file = StoreFile.Of(settings.Store);
        if (!File.Exists(file.Path))
            return [];
        using var reader = file.OpenReader();
        return reader.Query<Row>("""
            SELECT wearer.name AS wearer, named.device, online, battery, worn, charging,
                max(coalesce(newest, 0), coalesce(received, 0)) AS last
            FROM (SELECT wearer, device, max(newest) AS newest FROM (
                    SELECT wearer, device, last AS newest FROM series
                    UNION ALL SELECT wearer, name, NULL FROM device) GROUP BY wearer, device) AS named
            JOIN wearer ON wearer.id=named.wearer
            LEFT JOIN device ON device.wearer=named.wearer AND device.name=named.device
            ORDER BY wearer.name, named.device
            """).ToDictionary(row => (row.Wearer, row.Device));
    }

    sealed class Row
    {
        public string Wearer { get; set; } = "";

        public string Device { get; set; } = "";

        public long? Online { get; set; }

        public long? Battery { get; set; }

        public long? Worn { get; set; }

        public long? Charging { get; set; }

        public long? Last { get; set; }
    }
}
