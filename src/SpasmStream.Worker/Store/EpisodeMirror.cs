using Dapper;
using Microsoft.Data.Sqlite;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Episodes of the diary as they stand. Where an earlier version said another type or another instant there
/// is a row all the same, which says that it is withdrawn: the other side cannot be told to forget it.
/// </summary>
sealed class EpisodeMirror(SqliteConnection reader, ReadEntry read)
{
    readonly Dictionary<long, Diary> _diaries = [];

    public void Forget() => _diaries.Clear();

    public IEnumerable<MirroredRow> Of(MirrorName name, WearerId wearer, string pseudonym)
    {
        if (!_diaries.TryGetValue(name.Wearer, out var diary))
            diary = _diaries[name.Wearer] = Load(name.Wearer, wearer);
        // Another episode may stand where this one stood.
        foreach (var place in diary.Told[name.Reference].Distinct())
            yield return diary.Standing.TryGetValue(place, out var episode) ? Row(pseudonym, place, episode)
                : new MirroredRow(
                    MirroredKind.Episode, pseudonym, place.Type, place.At, [("withdrawn", 1)], []);
    }

    // All of a wearer's, because two may stand at one place.
    Diary Load(long number, WearerId name)
    {
        var (current, told) = (new Dictionary<string, EditedEntry>(), new List<(string Key, Place Place)>());
        var at = new Dictionary<object, Place>(ReferenceEqualityComparer.Instance);
        foreach (var entry in Entries(number))
        {
            if (read(name, entry) is not { } value)
                continue;
            if (!current.TryGetValue(entry.Key, out var edited))
                edited = current[entry.Key] = new EditedEntry();
            edited.Learn(entry, value);
            if (value is not Episode episode)
                continue;
            at[value] = new Place(Word(episode.Type), Ms.Of(entry.At));
            told.Add((entry.Key, at[value]));
        }

        var standing = new Dictionary<Place, Episode>();
        foreach (var edited in current.Values)
            if (edited.Value is Episode episode)
                standing[at[episode]] = episode;
        return new Diary(told.ToLookup(one => one.Key, one => one.Place), standing);
    }

    IEnumerable<StoredEntry> Entries(long wearer) =>
        reader.Query<(string Device, string Key, long Rev, long At, long Received, long Replayed,
            byte[] Payload)>("""
            SELECT device, key, rev, at, received, replayed, unseal('entry', hash, payload) FROM entry
            WHERE wearer=@wearer AND kind='episode' ORDER BY key, id
            """, new { wearer })
        .Select(row => new StoredEntry(row.Device, "episode", row.Key, (int)row.Rev, Ms.ToInstant(row.At),
            Ms.ToInstant(row.Received), row.Replayed != 0, row.Payload));

    static MirroredRow Row(string pseudonym, Place place, Episode episode) => new(MirroredKind.Episode,
        pseudonym, place.Type, place.At,
        MirrorSource.Numbers(("withdrawn", 0), ("severity", episode.Severity), ("end", Ms.Of(episode.End)),
            ("uncertainty_ms", episode.Uncertainty.TotalMilliseconds),
            ("aura", episode.Aura is { } aura ? aura ? 1 : 0 : null), ("count", episode.Count),
            ("penn_frequency", episode.Penn?.Frequency), ("penn_severity", episode.Penn?.Severity)),
        episode.Region is { } region
            ? [("onset", Word(episode.Onset)), ("region", Word(region))] : [("onset", Word(episode.Onset))]);

    // As the wire has it: two words are joined by an underscore.
    static string Word(Enum value) => string.Concat(value.ToString().Select((letter, i) =>
        char.IsUpper(letter) ? $"{(i > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>Where a row of an episode stands on the other side.</summary>
    readonly record struct Place(string Type, long At);

    /// <summary>One wearer's.</summary>
    /// <param name="Told">Where each was by any of its versions.</param>
    /// <param name="Standing">Where there is one now.</param>
    sealed record Diary(ILookup<string, Place> Told, IReadOnlyDictionary<Place, Episode> Standing);
}
