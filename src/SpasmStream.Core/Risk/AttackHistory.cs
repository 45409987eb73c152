using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Risk;

/// <summary>
/// A wearer's attacks as known at one instant: what masks days, who is at risk, what an issue time was
/// followed by (science 4.1, ruling 8). Attacks are in order and at least 24 hours apart, so their masks
/// never overlap.
/// </summary>
public sealed class AttackHistory
{
    /// <summary>Merge gap, mask after an attack, and length of an attack without an end.</summary>
    static readonly Duration _day = Duration.FromHours(24);

    readonly Attack[] _attacks;

    AttackHistory(Attack[] attacks) => _attacks = attacks;

    /// <summary>The attacks, oldest first.</summary>
    public IReadOnlyList<Attack> Attacks => _attacks;

    /// <summary>Whether an episode of this type is an attack: migraine or aura.</summary>
    public static bool IsAttack(EpisodeType type) => type is EpisodeType.Migraine or EpisodeType.Aura;

    /// <summary>Merges the episodes that are attacks; the others are left out.</summary>
    public static AttackHistory Of(IEnumerable<Episode> episodes, WearerProfile profile) =>
        Merge(episodes.Where(e => IsAttack(e.Type)), profile);

    /// <summary>
    /// Merges episodes of whatever type. Two exact ones are one attack with less than 24 hours between
    /// them; at day resolution a single free day between them is still the same attack.
    /// </summary>
    public static AttackHistory Merge(IEnumerable<Episode> episodes, WearerProfile profile)
    {
        List<Attack> spans = [];
        foreach (var episode in episodes)
            if (SpanOf(episode, profile) is { } span)
                spans.Add(span);
        spans.Sort(static (a, b) => a.Start.CompareTo(b.Start) is var order and not 0
            ? order
            : string.CompareOrdinal(a.Id, b.Id));

        List<Attack> attacks = [];
        var dayOnly = false;
        foreach (var span in spans)
        {
            if (attacks is [.., var last] && IsSame(last, span, dayOnly, profile))
            {
                attacks[^1] = last with { End = Instant.Max(last.End, span.End) };
                dayOnly = span.End >= last.End ? span.Day is not null : dayOnly;
            }
            else
            {
                attacks.Add(span);
                dayOnly = span.Day is not null;
            }
        }

        return new AttackHistory([.. attacks]);
    }

    /// <summary>Where an instant lies; only <see cref="AttackPhase.Free"/> is at risk.</summary>
    public AttackPhase PhaseAt(Instant at)
    {
        var next = FirstAfter(at);
        if (next == 0)
            return AttackPhase.Free;
        var end = _attacks[next - 1].End;
        return at < end ? AttackPhase.Attack : at < end + _day ? AttackPhase.AfterAttack : AttackPhase.Free;
    }

    /// <summary>
    /// Whether a day touches an attack or the 24 hours after one, so that no baseline may use it.
    /// </summary>
    public bool Masks(DaySummary day)
    {
        var next = FirstAfter(day.End - Duration.Epsilon);
        return next > 0 && _attacks[next - 1].End + _day > day.Start;
    }

    /// <summary>
    /// Whether an attack began in the 24 hours after an issue time, its own instant excluded. A day-only
    /// onset counts for the day that makes up most of those hours: the same day, in the evening the next.
    /// </summary>
    public bool IsFollowed(IssueTime issue)
    {
        var day = LabelDay(issue);
        for (var i = FirstAfter(issue.At - _day); i < _attacks.Length; i++)
        {
            var attack = _attacks[i];
            if (attack.Start > issue.At + 2 * _day)
                return false;
            var isNext = attack.Start > issue.At && attack.Start <= issue.At + _day;
            if (attack.Day is { } known ? known == day : isNext)
                return true;
        }

        return false;
    }

    /// <summary>
    /// What became of an issue time: true for an onset in its 24 hours, false when the day is closed
    /// without one, null while that is not known. It is closed by "no attack" said for its day, or by any
    /// contact with the diary at least 48 hours later.
    /// </summary>
    /// <param name="issue">The issue time; at risk.</param>
    /// <param name="lastContact">The newest contact with the diary; null when there was none.</param>
    /// <param name="saidNoAttack">Whether "no attack" was said for a local day.</param>
    public bool? Label(IssueTime issue, Instant? lastContact, Func<LocalDate, bool> saidNoAttack)
    {
        if (IsFollowed(issue))
            return true;
        return lastContact >= issue.At + 2 * _day || saidNoAttack(LabelDay(issue)) ? false : null;
    }

    /// <summary>The end of the last attack that was over at an instant; null when there was none.</summary>
    public Instant? LastEnd(Instant at)
    {
        for (var i = FirstAfter(at) - 1; i >= 0; i--)
            if (_attacks[i].End <= at)
                return _attacks[i].End;
        return null;
    }

    static LocalDate LabelDay(IssueTime issue) =>
        issue.Kind == ForecastKind.Evening ? issue.Date.PlusDays(1) : issue.Date;

    /// <summary>
    /// The number of attacks that had begun by an instant, which is the index of the next one.
    /// </summary>
    int FirstAfter(Instant at)
    {
        var (low, high) = (0, _attacks.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_attacks[middle].Start <= at)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    static Attack? SpanOf(Episode episode, WearerProfile profile)
    {
        if (episode.Day is { } day && (episode.Onset == OnsetCertainty.DayOnly || episode.Start is null))
        {
            // Noon leaves the morning forecast of that day at risk, which it is judged by, and masks the
            // evening.
            var noon = profile.At(day, LocalTime.Noon);
            var midnight = profile.At(day.PlusDays(1), LocalTime.Midnight);
            return new Attack(episode.Id, noon, episode.End > noon ? episode.End.Value : midnight, day);
        }

        if (episode.Start is not { } start)
            return null;
        return new Attack(episode.Id, start, episode.End >= start ? episode.End.Value : start + _day, null);
    }

    static bool IsSame(Attack last, Attack next, bool lastIsDayOnly, WearerProfile profile)
    {
        if (!lastIsDayOnly && next.Day is null)
            return next.Start - last.End < _day;
        var ended = profile.LocalAt(last.End - Duration.Epsilon).Date;
        var begins = next.Day ?? profile.LocalAt(next.Start).Date;
        return Period.DaysBetween(ended, begins) <= 2;
    }
}
