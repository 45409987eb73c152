using NodaTime.Text;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Scenarios;

/// <summary>What the file says in the end, in lines that a reader can work out from the scenario.</summary>
sealed class ScenarioReport(Scenario scenario, Journal journal)
{
    static readonly ZonedDateTimePattern _clock =
        ZonedDateTimePattern.CreateWithInvariantCulture("MM-dd HH:mmo<g>", null);

    readonly WearerProfile _profile = scenario.Profile;

    public override string ToString() =>
        string.Join('\n', [.. Days(), .. Attacks(), .. Forecasts(), .. Dead()]);

    IEnumerable<string> Days()
    {
        using var history = new SqliteHistory(journal.File, null);
        foreach (var day in WearerRecord.Load(journal.File, Journal.Ada).Days)
        {
            List<string> parts = [$"day {day.Date:uuuu-MM-dd} of {(day.End - day.Start).TotalHours:0.##} h"];
            if (day.NightGap is null)
                parts.Add($"night {Clock(day.SleepOnset)} to {Clock(day.SleepOffset)} tst {day.Tst:0.##}"
                    + $" mid {day.Mid:0.##}");
            else if (day.NightGap != "no_night")
                parts.Add(day.NightGap);
            if (day.NapMinutes > 0)
                parts.Add($"nap {day.NapMinutes:0.##}");
            var minutes = Minutes(history, day);
            if (minutes.Exists(minute => minute.HeartRate is not null))
                parts.Add($"heart {minutes.Count(minute => minute.HeartRate is not null)} min mean "
                    + $"{minutes.Average(minute => minute.HeartRate):0.##}");
            if (minutes.Exists(minute => minute.Steps is not null))
                parts.Add($"steps {minutes.Sum(minute => minute.Steps):0.##}");
            if (day.SaidNoAttack)
                parts.Add("no attack said");
            if (parts.Count > 1)
                yield return string.Join(", ", parts);
        }
    }

    static List<MinuteCell> Minutes(SqliteHistory history, DaySummary day) =>
        [.. history.Hours(Journal.Ada, day.Start - Duration.FromHours(1), day.End, Instant.MaxValue)
            .SelectMany(hour => hour.Minutes.Select((cell, i) =>
                (At: hour.Start + Duration.FromMinutes(i), Cell: cell)))
            .Where(minute => minute.At >= day.Start && minute.At < day.End)
            .Select(minute => minute.Cell)];

    IEnumerable<string> Attacks()
    {
        using var reader = journal.File.OpenReader();
        if (WearerRecord.IdOf(reader, Journal.Ada) is not { } id)
            return [];
        var episodes = new EpisodeQuery(reader, EntryReading.With(new WireDecoder()))
            .Since(id, Journal.Ada, Instant.MinValue)
            .Select(listed => listed.View)
            .Reverse()
            .Select((view, i) => new Episode
            {
                Id = $"{i}",
                Received = default,
                Type = view.Type,
                Start = view.Start,
                Day = view.Day,
                End = view.End,
                Onset = view.Day is null ? OnsetCertainty.Exact : OnsetCertainty.DayOnly,
            })
            .ToList();
        return episodes.Select(e => $"logged {e.Type} "
                + (e.Start is null ? $"{e.Day:uuuu-MM-dd}" : Clock(e.Start)))
            .Concat(AttackHistory.Of(episodes, _profile).Attacks
                .Select(a => $"attack {Clock(a.Start)} to {Clock(a.End)}"));
    }

    IEnumerable<string> Forecasts()
    {
        if (!scenario.TellsForecasts)
            yield break;
        foreach (var row in WearerRecord.Load(journal.File, Journal.Ada).Forecasts)
            yield return $"{row.Kind} {row.Date:uuuu-MM-dd} at {Clock(row.Issued)} {row.Gap ?? "known"}";
    }

    List<string> Dead() => journal.Query<string>(
        "SELECT 'dead ' || reason || ' ' || sum(items) FROM dead_letter GROUP BY reason ORDER BY reason");

    string Clock(Instant? at) =>
        at is { } instant ? _clock.Format(instant.InZone(_profile.ZoneAt(instant))) : "?";
}
