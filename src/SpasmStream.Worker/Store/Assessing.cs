using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Keeps what a step of a wearer's assessment made: summaries, the ledger row, its window, its alert.
/// </summary>
static class Assessing
{
    public static void Save(
        WriteSession session, WearerId name, AssessedStep step, IReadOnlyList<OutChannel> channels)
    {
        var wearer = session.Names.Wearer(name, step.KnownAt);
        var known = Ms.Of(step.KnownAt);
        foreach (var hour in step.Hours)
            session.Execute("INSERT OR REPLACE INTO hour_summary VALUES($w, $h, $k, $c)", ("$w", wearer),
                ("$h", hour.Start.ToUnixTimeSeconds() / 3600), ("$k", known), ("$c", hour.ToBytes()));
        foreach (var day in step.Days)
            session.Execute("INSERT OR REPLACE INTO day_summary VALUES($w, $d, $k, $s)", ("$w", wearer),
                ("$d", day.Date.ToString("uuuu-MM-dd", null)), ("$k", known), ("$s", Json.Write(day)));
        foreach (var hour in step.Folded)
            MarkFolded(session, wearer, hour, known);
        if (step.Preceded is not null)
            session.Execute("DELETE FROM preceded WHERE wearer=$w", ("$w", wearer));
        foreach (var preceded in step.Preceded ?? [])
            session.Execute("INSERT INTO preceded VALUES($w, $e, $o, $s) ON CONFLICT DO NOTHING",
                ("$w", wearer), ("$e", preceded.EpisodeId), ("$o", Ms.Of(preceded.Onset)),
                ("$s", Ms.Of(preceded.WindowStart)));
        if (step.Assessment is not { } assessment)
            return;
        SaveAssessment(session, wearer, name, assessment, step.Replayed);
        if (assessment.Window is { } change)
            Announce(session, wearer, name, new Announcement(change, assessment.Forecast.Slim(),
                assessment.Alert), step.Replayed, channels);
        session.Execute("UPDATE wearer SET assessed=$k, pulled=$p WHERE id=$w", ("$w", wearer), ("$k", known),
            ("$p", step.PulledEntry));
    }

    // What came in after the instant of the fold, or while it was made, is still to be folded.
    static void MarkFolded(WriteSession session, long wearer, ChangedHour folded, long known)
    {
        var key = new (string, object?)[]
        {
            ("$w", wearer), ("$h", folded.Start.ToUnixTimeSeconds() / 3600), ("$k", known),
            ("$t", folded.Touches),
        };
        session.Execute("DELETE FROM dirty WHERE wearer=$w AND hour=$h AND last<=$k AND touches=$t", key);
        session.Execute(
            "UPDATE dirty SET first=$k+1 WHERE wearer=$w AND hour=$h AND first<=$k AND touches=$t", key);
    }

    static void SaveAssessment(
        WriteSession session, long wearer, WearerId name, Assessment made, bool replayed)
    {
        SaveForecast(session, wearer, made.Forecast, replayed);
        if (made.Window is { Window: var window })
        {
            session.Execute("""
                INSERT INTO risk_window VALUES($w, $t, $s, $e, $u, $p, $r, $b, $x) ON CONFLICT DO UPDATE
                SET end=excluded.end, updated=excluded.updated, peak=excluded.peak,
                    peak_relative_risk=excluded.peak_relative_risk, band=excluded.band,
                    reasons=excluded.reasons
                """,
                ("$w", wearer), ("$t", window.Target), ("$s", Ms.Of(window.Start)),
                ("$e", Ms.Of(window.End)), ("$u", Ms.Of(window.Updated)), ("$p", window.Peak),
                ("$r", window.PeakRelativeRisk), ("$b", window.Band.ToString()),
                ("$x", Json.Write(window.Reasons)));
            session.Forward?.Mirror(MirroredKind.RiskWindow, wearer,
                MirrorName.OfWindow(window.Target, Ms.Of(window.Start)));
        }

        if (made.Alert is not { } alert)
            return;
        var key = Announcement.AlertKey(name, alert);
        session.Execute("INSERT INTO alert VALUES($k, $w, $r, $s, $a) ON CONFLICT DO NOTHING",
            ("$k", key), ("$w", wearer), ("$r", Ms.Of(alert.Raised)),
            ("$s", Ms.Of(alert.WindowStart)), ("$a", Json.Write(alert)));
        session.Forward?.Mirror(MirroredKind.Alert, wearer, key);
    }

    // The outbox rows stand in the transaction of their window: nothing raised is ever forgotten. What was
    // raised on replayed time and is over by ours is history and goes nowhere.
    static void Announce(WriteSession session, long wearer, WearerId name, Announcement news, bool replayed,
        IReadOnlyList<OutChannel> channels)
    {
        Failpoint.Hit("before_alert_insert");
        var state = replayed && Ms.Of(news.Expires) <= session.Now ? "late" : "pending";
        foreach (var channel in channels.Where(channel => channel.Takes(name, news)))
            session.Execute("""
                INSERT INTO outbox(key, channel, wearer, created, announcement, state, attempts, next,
                    expires)
                VALUES($k, $channel, $w, $c, $a, $state, 0, $n, $e) ON CONFLICT DO NOTHING
                """,
                ("$k", news.KeyFor(name)), ("$channel", channel.Name), ("$w", wearer),
                ("$c", Ms.Of(news.Forecast.Issued)), ("$a", Json.Write(news)), ("$state", state),
                ("$n", Ms.Of(news.SendAfter)), ("$e", Ms.Of(news.Expires)));
    }

    static void SaveForecast(WriteSession session, long wearer, Forecast forecast, bool replayed)
    {
        session.Execute("""
            INSERT INTO forecast(wearer, issued, date, kind, target, origin, probability, base_rate, band,
                at_risk, gap, coverage, data_until, gate, model, alerted, features, reasons)
            VALUES($w, $i, $d, $k, $t, $o, $p, $b, $band, $r, $g, $c, $u, $gate, $m, $a, $f, $x)
            """,
            ("$w", wearer), ("$i", Ms.Of(forecast.Issued)),
            ("$d", forecast.Date.ToString("uuuu-MM-dd", null)), ("$k", forecast.Kind.ToString()),
            ("$t", forecast.Target), ("$o", replayed ? "replayed" : "live"),
            ("$p", forecast.Probability), ("$b", forecast.BaseRate), ("$band", forecast.Band.ToString()),
            ("$r", forecast.AtRisk ? 1 : 0), ("$g", forecast.Gap), ("$c", forecast.Coverage),
            ("$u", Ms.Of(forecast.DataUntil)), ("$gate", forecast.Gate), ("$m", forecast.Model),
            ("$a", forecast.Alerted ? 1 : 0), ("$f", Json.Write(forecast.Features)),
            ("$x", Json.Write(forecast.Reasons)));
        session.Forward?.Mirror(MirroredKind.Forecast, wearer, $"{session.LastId}");
    }
}
