using Dapper;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>The newest forecast of every wearer.</summary>
static class LatestForecasts
{
    /// <summary>Changes whenever a forecast is added anywhere.</summary>
    public static long NewestId(StoreFile file)
    {
        using var reader = file.OpenReader();
        return reader.ExecuteScalar<long>("SELECT coalesce(max(id), 0) FROM forecast");
    }

    /// <summary>Every day on which a wearer was alerted.</summary>
    public static IReadOnlySet<(WearerId Wearer, LocalDate Date)> AlertedDays(StoreFile file)
    {
        using var reader = file.OpenReader();
        return reader.Query<(string Name, string Date)>("""
            SELECT name, date FROM forecast JOIN wearer ON wearer.id=forecast.wearer WHERE alerted=1
            """)
            .Select(row => (new WearerId(row.Name), LocalDatePattern.Iso.Parse(row.Date).Value)).ToHashSet();
    }

    public static IReadOnlyList<(WearerId Wearer, Forecast Forecast)> Load(StoreFile file)
    {
        using var reader = file.OpenReader();
        var latest = new List<(WearerId, Forecast)>();
        foreach (var (id, name) in reader.Query<(long, string)>("SELECT id, name FROM wearer ORDER BY name"))
            if (ForecastRow.Newest(reader, id) is { } row)
                latest.Add((new WearerId(name), row.ToForecast().Slim()));
        return latest;
    }
}
