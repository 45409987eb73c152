using System.Data;
using Dapper;
using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Web;

/// <summary>An episode as the page lists it.</summary>
/// <param name="View">What is shown.</param>
/// <param name="Shown">Whether its kind is one that is forecast.</param>
sealed record ListedEpisode(EpisodeToday View, bool Shown);

/// <summary>Reads logged episodes, with the risk windows that came before them.</summary>
sealed class EpisodeQuery(IDbConnection reader, ReadEntry read)
{
    /// <summary>The standing versions of what began since then, newest first.</summary>
    public IReadOnlyList<ListedEpisode> Since(long id, WearerId wearer, Instant since)
    {
        var windows = reader.Query<(string Episode, long Start)>("""
            SELECT episode, max(window_start) FROM preceded WHERE wearer=@id GROUP BY episode
            """, new { id }).ToDictionary(row => row.Episode, row => Ms.ToInstant(row.Start));
        return Standing(id, wearer, since)
            .Select(episode => new ListedEpisode(View(id, episode, windows),
                episode.Type is EpisodeType.Migraine or EpisodeType.Aura or EpisodeType.Spasm))
            .OrderByDescending(listed => listed.View.Start ?? NoonOf(listed.View.Day))
            .ToList();
    }

    // All versions of what one of them puts after then: an edit may have moved it, a withdrawal has no date.
    IEnumerable<Episode> Standing(long id, WearerId wearer, Instant since)
    {
        var edited = new Dictionary<string, EditedEntry>();
        foreach (var row in reader.Query<(string Key, long Rev, long At, long Received, byte[] Payload)>("""
            SELECT key, rev, at, received, unseal('entry', hash, payload) FROM entry
            WHERE wearer=@id AND kind='episode'
                AND key IN (SELECT key FROM entry WHERE wearer=@id AND kind='episode' AND at>=@since)
            ORDER BY received, hash
            """, new { id, since = Ms.Of(since) }))
        {
            var entry = new StoredEntry("diary", "episode", row.Key, (int)row.Rev, Ms.ToInstant(row.At),
                Ms.ToInstant(row.Received), false, row.Payload);
            if (read(wearer, entry) is not { } value)
                continue;
            if (!edited.TryGetValue(row.Key, out var one))
                edited[row.Key] = one = new EditedEntry();
            one.Learn(entry, value);
        }

        return edited.Values.Select(one => one.Value).OfType<Episode>()
            .Where(episode => !episode.Withdrawn && (episode.Start ?? NoonOf(episode.Day)) >= since);
    }

    EpisodeToday View(long id, Episode episode, Dictionary<string, Instant> windows) => new()
    {
        Type = episode.Type,
        Start = episode.Start,
        Day = episode.Day,
        End = episode.End,
        Severity = episode.Severity,
        WindowOpened = windows.TryGetValue(episode.Id, out var start) ? start : null,
        Forecasted = episode.Start is { } onset && reader.ExecuteScalar<long>("""
            SELECT count(*) FROM forecast WHERE wearer=@id AND issued<@onset AND issued>=@onset-86400000
                AND probability IS NOT NULL
            """, new { id, onset = Ms.Of(onset) }) > 0,
    };

    static Instant NoonOf(LocalDate? day) =>
        day is { } date ? date.At(LocalTime.Noon).InUtc().ToInstant() : Instant.MinValue;
}
