using Dapper;
using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What the file knows about one wearer at a start: enough to go on as if there had been no stop.
/// </summary>
/// <param name="Assessed">The last issue time; null when there was none yet.</param>
/// <param name="PulledEntry">The newest sleep or diary object, by its number, that was looked at by
/// then.</param>
/// <param name="Days">The newest summary of every day, by date.</param>
/// <param name="Forecasts">The ledger, in order of issue.</param>
sealed record WearerRecord(
    Instant? Assessed, long PulledEntry, IReadOnlyList<DaySummary> Days, IReadOnlyList<Forecast> Forecasts)
{
    /// <summary>Everybody the file knows.</summary>
    public static IReadOnlyList<WearerId> Names(StoreFile file)
    {
        using var reader = file.OpenReader();
        return reader.Query<string>("SELECT name FROM wearer ORDER BY name")
            .Select(name => new WearerId(name)).ToList();
    }

    /// <summary>A wearer's number in the file; null when the file does not know them.</summary>
    public static long? IdOf(System.Data.IDbConnection reader, WearerId wearer) =>
        reader.ExecuteScalar<long?>(
            "SELECT id FROM wearer WHERE name=@name", new { name = wearer.ToString() });

    /// <summary>
    /// The newest receipt that was not assessed yet, or of the diary, or of what has an id; null when nothing
    /// is there.
    /// </summary>
    public static Instant? LastReceipt(StoreFile file, WearerId wearer)
    {
        using var reader = file.OpenReader();
        return Ms.ToInstant(reader.ExecuteScalar<long?>("""
            SELECT max(received) FROM (SELECT max(received) AS received FROM entry WHERE wearer=@id
                UNION ALL SELECT max(received) FROM sample_fact WHERE wearer=@id
                UNION ALL SELECT max(last) FROM dirty WHERE wearer=@id)
            """, new { id = IdOf(reader, wearer) }));
    }

    public static WearerRecord Load(StoreFile file, WearerId wearer)
    {
        using var reader = file.OpenReader();
        var id = IdOf(reader, wearer);
        if (id is null)
            return new WearerRecord(null, 0, [], []);

        var (assessed, pulled) = reader.QuerySingle<(long?, long)>(
            "SELECT assessed, pulled FROM wearer WHERE id=@id", new { id });
        var days = reader.Query<string>("""
            SELECT summary FROM (SELECT date, max(known_at), summary FROM day_summary WHERE wearer=@id
            GROUP BY date ORDER BY date)
            """, new { id });
        return new WearerRecord(Ms.ToInstant(assessed), pulled, days.Select(Json.Read<DaySummary>).ToList(),
            ForecastRow.Load(reader, id.Value).Select(r => r.ToForecast()).ToList());
    }
}
