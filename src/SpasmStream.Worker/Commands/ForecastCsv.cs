using System.Globalization;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Commands;

/// <summary>A forecast with what became of it.</summary>
/// <param name="Wearer">Whose.</param>
/// <param name="Forecast">As issued.</param>
/// <param name="Origin"><c>live</c> or <c>replayed</c>.</param>
/// <param name="Label">Whether an onset followed within 24 h; null while that is open.</param>
sealed record JudgedForecast(WearerId Wearer, Forecast Forecast, string Origin, bool? Label);

/// <summary>The forecast file: one row an issue time, times in UTC.</summary>
static class ForecastCsv
{
    const string Header = "wearer,issued,kind,target,origin,probability,base_rate,relative_risk,band,at_risk,"
        + "data_until,gate,alerted,label,reason";

    public static void Write(string path, IEnumerable<JudgedForecast> forecasts)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine(Header);
        foreach (var judged in forecasts)
            writer.WriteLine(Row(judged));
    }

    static string Row(JudgedForecast judged)
    {
        var forecast = judged.Forecast;
        return string.Join(',',
            judged.Wearer, Text(forecast.Issued), forecast.Kind.ToString().ToLowerInvariant(),
            forecast.Target, judged.Origin, Number(forecast.Probability), Number(forecast.BaseRate),
            Number(forecast.RelativeRisk), forecast.Band.ToString().ToLowerInvariant(),
            YesNo(forecast.AtRisk),
            forecast.DataUntil is { } until ? Text(until) : "", forecast.Gate, YesNo(forecast.Alerted),
            judged.Label is { } label ? YesNo(label) : "",
            forecast.Gap ?? string.Join(';', forecast.Reasons.Select(reason => reason.Feature)));
    }

    static string YesNo(bool value) => value ? "1" : "0";

    // The shortest text that reads back as the very same number: two equal forecasts are two equal rows.
    static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    static string Text(Instant instant) => InstantPattern.ExtendedIso.Format(instant);
}
