using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Risk;

/// <summary>The newest version of what the wearer logged, as far as the engine needs it.</summary>
sealed class DiaryLog(WearerProfile profile)
{
    readonly Dictionary<string, Episode> _episodes = [];
    readonly Dictionary<string, NoAttack> _noAttacks = [];
    AttackHistory? _attacks;
    HashSet<LocalDate>? _quietDays;

    /// <summary>The attacks as known now.</summary>
    public AttackHistory Attacks =>
        _attacks ??= AttackHistory.Of(_episodes.Values.Where(e => !e.Withdrawn), profile);

    /// <summary>
    /// Higher revision wins, else the later receipt; a withdrawn entry stays only as a version.
    /// </summary>
    public void Observe(DiaryEntry entry)
    {
        if (entry is Episode episode && Put(_episodes, episode))
            _attacks = null;
        else if (entry is NoAttack noAttack && Put(_noAttacks, noAttack))
            _quietDays = null;
    }

    /// <summary>Whether "no attack" was said for a day.</summary>
    public bool SaidNoAttack(LocalDate day) =>
        (_quietDays ??= [.. _noAttacks.Values.Where(n => !n.Withdrawn).Select(n => n.Day)]).Contains(day);

    /// <summary>Whether a spasm of neck or shoulder began after one instant and not after another.</summary>
    public bool HasNeckSpasm(Instant after, Instant until)
    {
        foreach (var episode in _episodes.Values)
            if (episode is
                {
                    Type: EpisodeType.Spasm,
                    Region: SpasmRegion.NeckShoulder,
                    Withdrawn: false,
                    Start: { } start,
                }
                && start > after && start <= until)
                return true;
        return false;
    }

    static bool Put<T>(Dictionary<string, T> current, T entry) where T : DiaryEntry
    {
        if (current.TryGetValue(entry.Id, out var held)
            && (held.Revision > entry.Revision
                || (held.Revision == entry.Revision && held.Received > entry.Received)))
            return false;
        current[entry.Id] = entry;
        return true;
    }
}
