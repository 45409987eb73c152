using Dapper;
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
