using Dapper;
using Microsoft.Data.Sqlite;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>Names what is mirrored: it is read when it is taken, as it stands then.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Wearer">The number of its wearer.</param>
/// <param name="Reference">Its key in its table, without the wearer.</param>
readonly record struct MirrorName(MirroredKind Kind, long Wearer, string Reference)
{
    public static string OfWindow(string target, long start) => $"{target}|{start}";
}

/// <summary>Reads what is mirrored, as others may draw it: no note, no word of the diary's own.</summary>
sealed class MirrorSource(SqliteConnection reader, ReadEntry read)
{
    readonly EpisodeMirror _episodes = new(reader, read);

    /// <summary>Forgets what was read for the last batch.</summary>
    public void Forget() => _episodes.Forget();

    /// <summary>None when it is gone; an episode that was edited makes several.</summary>
    public IEnumerable<MirroredRow> Of(MirrorName name)
    {
        var wearer = reader.QueryFirstOrDefault<(string Name, string Pseudonym)>(
            "SELECT name, pseudonym FROM wearer WHERE id=@id", new { id = name.Wearer });
        if (wearer.Name is null)
            return [];
        return name.Kind switch
        {
            MirroredKind.Forecast => Forecast(name, wearer.Pseudonym),
            MirroredKind.RiskWindow => Window(name, wearer.Pseudonym),
            MirroredKind.Alert => Alert(name, wearer.Pseudonym),
            _ => _episodes.Of(name, new WearerId(wearer.Name), wearer.Pseudonym),
        };
    }

    IEnumerable<MirroredRow> Forecast(MirrorName name, string pseudonym) =>
        reader.Query<ForecastRow>(
            ForecastRow.Columns + " AND id=@id",
            new { wearer = name.Wearer, id = long.Parse(name.Reference) })
        .Select(row =>
        {
            var forecast = row.ToForecast();
            return new MirroredRow(MirroredKind.Forecast, pseudonym, row.Target, row.Issued,
                Numbers(("probability", row.Probability), ("base_rate", row.BaseRate),
                    ("relative_risk", forecast.RelativeRisk), ("at_risk", row.AtRisk),
                    ("coverage", row.Coverage), ("data_until", row.DataUntil), ("alerted", row.Alerted)),
                Texts(("kind", Word(row.Kind)), ("band", Word(row.Band)), ("gap", row.Gap),
                    ("gate", row.Gate), ("model", row.Model), ("origin", row.Origin)));
        });

    IEnumerable<MirroredRow> Window(MirrorName name, string pseudonym)
    {
        var at = name.Reference.LastIndexOf('|');
        var start = long.Parse(name.Reference[(at + 1)..]);
        return reader.Query<(string Target, long Start, long? End, long Updated, double Peak, double Relative,
            string Band)>("""
            SELECT target, start, end, updated, peak, peak_relative_risk, band FROM risk_window
            WHERE wearer=@wearer AND target=@target AND start=@start
            """, new { wearer = name.Wearer, target = name.Reference[..at], start })
        .Select(row => new MirroredRow(MirroredKind.RiskWindow, pseudonym, row.Target, row.Start,
            Numbers(("end", row.End), ("updated", row.Updated), ("peak", row.Peak),
                ("peak_relative_risk", row.Relative), ("open", row.End is null ? 1 : 0)),
            Texts(("band", Word(row.Band)))));
    }

    IEnumerable<MirroredRow> Alert(MirrorName name, string pseudonym) =>
        reader.Query<string>("SELECT alert FROM alert WHERE key=@key AND wearer=@wearer",
            new { key = name.Reference, wearer = name.Wearer })
        .Select(Json.Read<Alert>)
        .Select(alert => new MirroredRow(MirroredKind.Alert, pseudonym, alert.Target, Ms.Of(alert.Raised),
            Numbers(("probability", alert.Probability), ("base_rate", alert.BaseRate),
                ("window_start", Ms.Of(alert.WindowStart)), ("window_end", Ms.Of(alert.WindowEnd)),
                ("experimental", alert.Experimental ? 1 : 0)), []));

    public static List<(string, double)> Numbers(params ReadOnlySpan<(string Field, double? Value)> all)
    {
        var known = new List<(string, double)>(all.Length);
        foreach (var (field, value) in all)
            if (value is { } number)
                known.Add((field, number));
        return known;
    }

    static List<(string, string)> Texts(params ReadOnlySpan<(string Field, string? Value)> all)
    {
        var known = new List<(string, string)>(all.Length);
        foreach (var (field, value) in all)
            if (value is not null)
                known.Add((field, value));
        return known;
    }

    // Our own words are Pascal case in the file and lower case everywhere outside.
    static string Word(string name) => name.ToLowerInvariant();
}
