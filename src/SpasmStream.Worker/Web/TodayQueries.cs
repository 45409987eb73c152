using System.Data;
using Dapper;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Web;

/// <summary>Asks the file for what the page shows.</summary>
sealed class TodayQueries(StoreFile file, WearerDirectory directory, ReadEntry read)
{
    const int StripDays = 60;
    const int EpisodesShown = 6;
    static readonly Duration StaleAfter = Duration.FromMinutes(15);
    readonly Lock _reading = new();

    /// <summary>Everybody who is listed or known, in order of name.</summary>
    public IReadOnlyList<WearerToday> Wearers(Instant now)
    {
        // What reads entries back is for one thread, and one page at a time is quick enough.
        using var turn = _reading.EnterScope();
        using var reader = file.OpenReader();
        var ids = reader.Query<(long Id, string Name)>("SELECT id, name FROM wearer")
            .ToDictionary(row => new WearerId(row.Name), row => row.Id);
        return directory.Listed.Union(ids.Keys)
            .OrderBy(wearer => wearer.ToString(), StringComparer.Ordinal)
            .Select(wearer => View(reader, wearer, ids.TryGetValue(wearer, out var id) ? id : null, now))
            .ToList();
    }

    /// <summary>What became of all messages.</summary>
    public Tally Tally()
    {
        using var reader = file.OpenReader();
        var counts = reader.Query<(string Name, long Value)>("SELECT name, value FROM counter")
            .ToDictionary(row => row.Name, row => row.Value);
        long Of(Counter counter) => counts.GetValueOrDefault(counter.ToString());
        return new Tally(
            Of(Counter.MessagesReceived), Of(Counter.MessagesStored), Of(Counter.MessagesDuplicate),
            Of(Counter.DeadLetters));
    }

    WearerToday View(IDbConnection reader, WearerId wearer, long? id, Instant now)
    {
        var zone = directory.ProfileOf(wearer).ZoneAt(now);
        var view = new WearerToday { Id = wearer.ToString(), Name = wearer.ToString(), Zone = zone };
        if (id is not { } key)
            return view;
        var last = Last(reader, key);
        var newest = ForecastRow.Newest(reader, key);
        var today = now.InZone(zone).Date;
        var episodes = new EpisodeQuery(reader, read).Since(
            key, wearer, now - Duration.FromDays(StripDays + 2));
        return view with
        {
            Last = last,
            Freshness = last is null ? Freshness.None
                : now - last.At > StaleAfter ? Freshness.Stale : Freshness.Fresh,
            Forecasts = newest is null ? [] : [ToView(newest)],
            Window = Window(reader, key),
            Alert = Newest(reader, key),
            Strip = StripQuery.Days(reader, key, zone, episodes, today.PlusDays(1 - StripDays), today),
            Gaps = Gaps(reader, key, today.PlusDays(1 - StripDays).AtStartOfDayInZone(zone).ToInstant()),
            Episodes = episodes.Where(e => e.Shown).Take(EpisodesShown).Select(e => e.View).ToList(),
        };
    }

    static IReadOnlyList<GapToday> Gaps(IDbConnection reader, long wearer, Instant from) =>
        [.. GapTable.Since(reader, wearer, from)
            .Select(gap => new GapToday(gap.Start, gap.End, Plain.Cause(gap.Cause, gap.Lost)))];

    static LastSample? Last(IDbConnection reader, long wearer)
    {
        var row = reader.QueryFirstOrDefault<(long? At, long Signal, string Device)>("""
            SELECT last, signal, device FROM series WHERE wearer=@wearer AND last IS NOT NULL
            ORDER BY last DESC LIMIT 1
            """, new { wearer });
        return row.At is { } at
            ? new LastSample(NameOf((Signal)row.Signal), Ms.ToInstant(at), row.Device)
            : null;
    }

    static string NameOf(Signal signal) => signal switch
    {
        Signal.HeartRate => "heart rate",
        Signal.RrInterval => "beats",
        Signal.HrvRmssd or Signal.HrvSdnn or Signal.HrvBeats => "heart rate variability",
        _ => "steps",
    };

    static ForecastToday ToView(ForecastRow row)
    {
        var forecast = row.ToForecast();
        var reasons = forecast.Reasons.Select(Wording.Of).ToList();
        return ForecastToday.From(forecast, reasons, row.Origin == "replayed")
            with { GapSentence = forecast.Probability is null ? Wording.Gap(forecast.Gap) : null };
    }

    static OpenWindow? Window(IDbConnection reader, long wearer)
    {
        var row = reader.QueryFirstOrDefault<(long? Start, string Target, double Peak)>("""
            SELECT start, target, peak_relative_risk FROM risk_window WHERE wearer=@wearer AND end IS NULL
            ORDER BY start DESC LIMIT 1
            """, new { wearer });
        return row.Start is { } start ? new OpenWindow(Ms.ToInstant(start), row.Target, row.Peak) : null;
    }

    static AlertToday? Newest(IDbConnection reader, long wearer)
    {
        var row = reader.QueryFirstOrDefault<(string? Alert, string? State, long? Closed)>("""
            SELECT alert, (SELECT state FROM outbox WHERE outbox.key=alert.key
                ORDER BY state='delivered' DESC, state IN ('pending', 'sending') DESC LIMIT 1),
                risk_window.end FROM alert
            LEFT JOIN risk_window ON risk_window.wearer=alert.wearer AND risk_window.start=alert.window_start
            WHERE alert.wearer=@wearer ORDER BY raised DESC LIMIT 1
            """, new { wearer });
        if (row.Alert is null)
            return null;
        var alert = Json.Read<Alert>(row.Alert);
        var state = row.Closed is not null ? AlertState.Resolved : row.State switch
        {
            // No channel was configured for it: the page is where it is told.
            "delivered" or null => AlertState.Sent,
            "pending" or "sending" => AlertState.Pending,
            _ => AlertState.Expired,
        };
        return new AlertToday(
            alert.Raised, state, Wording.Of(alert with { Experimental = false }), alert.Experimental);
    }
}
