using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Risk;

/// <summary>The newest version of what the wearer logged, as far as the engine needs it.</summary>
sealed class DiaryLog(WearerProfile profile)
{
    // One id is one entry: an episode that is edited into "no attack" is no episode any more.
    readonly Dictionary<string, DiaryEntry> _entries = [];
    readonly Dictionary<string, int> _takenBack = [];
    AttackHistory? _attacks;
    HashSet<LocalDate>? _quietDays;

    /// <summary>The attacks as known now.</summary>
    public AttackHistory Attacks => _attacks ??= AttackHistory.Of(Standing<Episode>(), profile);

    /// <summary>
    /// Higher revision wins, else the later receipt; a withdrawn entry stays only as a version, and what is
    /// taken back stays so whatever comes later with no higher revision.
    /// </summary>
    public void Observe(DiaryEntry entry)
    {
        if (entry is not (Episode or NoAttack)
            || (_takenBack.TryGetValue(entry.Id, out var back) && entry.Revision <= back)
            || (_entries.TryGetValue(entry.Id, out var held)
                && (held.Revision, held.Received).CompareTo((entry.Revision, entry.Received)) > 0))
            return;
        _entries[entry.Id] = entry;
        (_attacks, _quietDays) = (null, null);
    }

    /// <summary>Takes back every version whose revision is not higher.</summary>
    public void Observe(Withdrawal withdrawal)
    {
        if (withdrawal.Kind != "episode")
            return;
        var back = Math.Max(withdrawal.Revision, _takenBack.GetValueOrDefault(withdrawal.Id));
        _takenBack[withdrawal.Id] = back;
        if (!_entries.TryGetValue(withdrawal.Id, out var held) || held.Revision > back)
            return;
        _entries.Remove(withdrawal.Id);
        (_attacks, _quietDays) = (null, null);
    }

    /// <summary>Whether "no attack" was said for a day.</summary>
    public bool SaidNoAttack(LocalDate day) =>
        (_quietDays ??= [.. Standing<NoAttack>().Select(n => n.Day)]).Contains(day);

    /// <summary>Whether a spasm of neck or shoulder began after one instant and not after another.</summary>
    public bool HasNeckSpasm(Instant after, Instant until)
    {
        foreach (var episode in Standing<Episode>())
            if (episode is { Type: EpisodeType.Spasm, Region: SpasmRegion.NeckShoulder, Start: { } start }
                && start > after && start <= until)
                return true;
        return false;
    }

    IEnumerable<T> Standing<T>() where T : DiaryEntry =>
        _entries.Values.OfType<T>().Where(static entry => !entry.Withdrawn);
}
