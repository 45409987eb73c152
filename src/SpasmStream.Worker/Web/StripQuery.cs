using System.Data;
using Dapper;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;

namespace SpasmStream.Worker.Web;

/// <summary>The strip: what was forecast in the mornings, and what was logged on those days.</summary>
static class StripQuery
{
    public static IReadOnlyList<StripDay> Days(IDbConnection reader, long wearer, DateTimeZone zone,
        IReadOnlyList<ListedEpisode> episodes, LocalDate from, LocalDate to)
    {
        var forecasts = reader.Query<(string Date, string Kind, string Band, long AtRisk, long Alerted)>("""
            SELECT date, kind, band, at_risk, alerted FROM forecast WHERE wearer=@wearer AND date>=@from
            """, new { wearer, from = LocalDatePattern.Iso.Format(from) }).ToLookup(row => row.Date);
        var onsets = episodes.ToLookup(episode => DateOf(episode.View, zone));
        var days = new List<StripDay>();
        for (var date = from; date <= to; date = date.PlusDays(1))
        {
            var rows = forecasts[LocalDatePattern.Iso.Format(date)].ToList();
            var morning = rows.FindIndex(row => row.Kind == nameof(ForecastKind.Morning));
            var here = onsets[date].ToList();
            days.Add(new StripDay
            {
                Date = date,
                Morning = morning < 0 ? null : Enum.Parse<Band>(rows[morning].Band),
                AtRisk = morning < 0 || rows[morning].AtRisk != 0,
                Alerted = rows.Exists(row => row.Alerted != 0),
                Migraines = here.Count(e => e.View.Type is EpisodeType.Migraine or EpisodeType.Aura),
                Spasms = here.Count(e => e.View.Type == EpisodeType.Spasm),
                Preceded = here.Count(e => e.Shown && e.View.WindowOpened is not null),
            });
        }

        return days;
    }

    static LocalDate? DateOf(EpisodeToday episode, DateTimeZone zone) =>
        episode.Start is { } start ? start.InZone(zone).Date : episode.Day;
}
