using NodaTime;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Simulators.Wearers;

/// <summary>What the days before the present are to look like.</summary>
enum LastDay
{
    /// <summary>Ordinary days: a forecast should have nothing to say.</summary>
    Usual,

    /// <summary>
    /// A short, broken last night after the stress fell, and a neck spasm where those matter.
    /// </summary>
    ShortNight,
}

/// <summary>
/// Bends the last days before the present to what was asked for, and nothing before them: the days up to
/// then are the same whatever the ending.
/// </summary>
sealed class Ending
{
    static readonly Duration Clear = Duration.FromHours(72);
    static readonly Duration AfterNow = Duration.FromHours(2);

    readonly Instant _until;
    readonly LastDay _kind;
    readonly LocalDate _today;
    readonly LocalDate _lastNight;

    /// <param name="until">The present.</param>
    /// <param name="kind">What was asked for.</param>
    /// <param name="zone">Where the wearer lives.</param>
    /// <param name="usualWake">Waking on a date when the night is as usual.</param>
    public Ending(Instant until, LastDay kind, DateTimeZone zone, Func<LocalDate, Instant> usualWake)
    {
        (_until, _kind) = (until, kind);
        _today = until.InZone(zone).Date;

        // The last night is the one whose record has reached the broker by now: half an hour after waking.
        var isSynced = usualWake(_today) + Duration.FromMinutes(40) <= until;
        _lastNight = isSynced ? _today : _today.PlusDays(-1);
    }

    public bool IsLastDays(LocalDate date) => date >= _today.PlusDays(-3) && date <= _today;

    /// <summary>
    /// The night as it is to be: about what the wearer needs, or in the short ending far from it.
    /// </summary>
    public NightDraft Night(NightDraft draft, LocalDate date, Traits traits)
    {
        if (!IsLastDays(date))
            return draft;
        var usual = Usual(draft, traits);
        if (_kind == LastDay.Usual || date != _lastNight)
            return usual;

        // The wearer goes to bed late and gets up as usual, so that the record arrives when it always does.
        var asleep = 270 + draft.AsleepMinutes % 31;
        var waso = 62 + draft.WasoMinutes % 20;
        return usual with
        {
            BedtimeMinutes = usual.WakeMinutes - asleep - waso, AsleepMinutes = asleep, WasoMinutes = waso,
        };
    }

    /// <summary>A night near need, worn throughout; also what waking is foreseen by.</summary>
    public static NightDraft Usual(NightDraft draft, Traits traits) => draft with
    {
        AsleepMinutes = (int)traits.NeedMinutes + 10 + draft.AsleepMinutes % 21,
        WasoMinutes = Math.Clamp(draft.WasoMinutes, 30, 50),
        IsWorn = true,
    };

    public double RestingBpmRise(LocalDate date) =>
        _kind == LastDay.ShortNight && date == _lastNight ? 2 : 0;

    /// <summary>
    /// The evening's rating: level, or for whom it matters high and then low before the last night.
    /// </summary>
    public int Stress(int level, LocalDate date, Character character)
    {
        if (!IsLastDays(date))
            return level;
        if (_kind == LastDay.Usual || character.Letdown == 0 || date < _lastNight.PlusDays(-2))
            return 3;
        return date == _lastNight.PlusDays(-2) ? 8 : 2;
    }

    /// <summary>No neck spasm in the last days but the one asked for.</summary>
    public IReadOnlyList<Spasm> Spasms(
        IReadOnlyList<Spasm> spasms, LocalDate date, DateTimeZone zone, Character character)
    {
        if (!IsLastDays(date))
            return spasms;
        List<Spasm> kept = [.. spasms.Where(spasm => spasm.Region != SpasmRegion.NeckShoulder)];
        if (_kind == LastDay.ShortNight && character.Coupling > 0 && date == _lastNight.PlusDays(-1))
        {
            var start = zone.AtLeniently(date + new LocalTime(20, 10)).ToInstant();
            if (start < _until)
                kept.Add(new(start, SpasmRegion.NeckShoulder, 6, Asleep: false));
        }
        return kept;
    }

    /// <summary>No attack runs at present, and none has ended within three days.</summary>
    public bool Admits(Attack attack) => attack.Start > _until + AfterNow || attack.End <= _until - Clear;
}
