using System.Security.Cryptography;
using System.Text;
using NodaTime;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What is to be told about a risk window: a step in its life, and the alert when one goes with it.
/// </summary>
/// <param name="Change">The step.</param>
/// <param name="Forecast">The forecast that made it, without its feature vector.</param>
/// <param name="Alert">The alert; null for none.</param>
sealed record Announcement(WindowChange Change, Forecast Forecast, Alert? Alert)
{
    /// <summary>An alert waits for the end of quiet hours; a mere change of state disturbs nobody.</summary>
    public Instant SendAfter => Alert?.SendAfter ?? Forecast.Issued;

    /// <summary>After this it is no longer news.</summary>
    public Instant Expires => Alert?.Expires ?? Forecast.Issued + Duration.FromHours(12);

    /// <summary>The same announcement has the same key however often it is made or sent.</summary>
    public string KeyFor(WearerId wearer) => Alert is not null
        ? AlertKey(wearer, Alert)
        : Hash($"{wearer}|{Change.Window.Target}|{Change.Window.Start.ToUnixTimeMilliseconds()}"
            + $"|{Change.Kind}|{Forecast.Issued.ToUnixTimeMilliseconds()}");

    /// <summary>D12: one key for wearer, rule, window and kind.</summary>
    public static string AlertKey(WearerId wearer, Alert alert) => Hash(
        $"{wearer}|forecast:{alert.Target}|{alert.WindowStart.ToUnixTimeMilliseconds()}|raised");

    static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>Forecasts on their way out.</summary>
static class ForecastExtensions
{
    /// <summary>Without the feature vector, which stays in the ledger.</summary>
    public static Forecast Slim(this Forecast forecast) => forecast with { Features = [] };
}
