using NodaTime;

namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// A wearer's days in order, without end: nights, stress, spasms and attacks, by the seed alone.
/// </summary>
sealed class Life
{
    static readonly Duration Refractory = Duration.FromHours(24);
    const int ExposureDays = 1000;

    readonly long _seed;
    readonly string _wearer;
    readonly Character _character;
    readonly DateTimeZone _zone;
    readonly LocalDate _firstDate;
    readonly Ending _ending;
    readonly Hazard _hazard;
    readonly SpasmCourse _spasms;

    // What one day hands to the next.
    readonly StressCourse _stressCourse = new();
    readonly List<Instant> _coupled = [];
    double _restingBpm;
    double _drift;
    double _cycleDays;
    (int Before, int Last) _stress = (3, 3);
    Attack? _lastAttack;

    public Life(
        long seed, string wearer, Character character, DateTimeZone zone, LocalDate firstDate, Instant until,
        LastDay lastDay)
    {
        (_seed, _wearer, _character, _zone, _firstDate) = (seed, wearer, character, zone, firstDate);
        Traits = Traits.Draw(seed, wearer);
        _ending = new(until, lastDay, zone, UsualWake);
        _hazard = new(character, Exposures());
        _spasms = new(character, Traits, zone);
        _cycleDays = Random(0, "cycle").Between(0, Traits.CycleDays);
    }

    public Traits Traits { get; }

    public IEnumerable<DayPlan> Days()
    {
        for (var index = 0; ; index++)
            yield return Next(index, _firstDate.PlusDays(index));
    }

    DayPlan Next(int index, LocalDate date)
    {
        var isFree = IsFree(date);
        var night = NightOf(index, date, isFree);
        var random = Random(index, "day");
        var shortSleep = Hazard.ShortSleep(Traits, night.AsleepMinutes);
        _restingBpm = 0.6 * _restingBpm + random.Normal(0, 1.6);
        _drift = 0.98 * _drift + random.Normal(0, 0.2);
        var stress = _ending.Stress(_stressCourse.Next(random, isFree), date, _character);
        var exercises = random.Chance(0.25);
        var stepsFactor = random.LogNormal(1, 0.3) * (isFree ? 0.9 : 1);
        var drawn = _spasms.Draw(Random(index, "spasms"), date, night, exercises, stress, shortSleep);
        var spasms = _ending.Spasms(drawn, date, _zone, _character);
        Couple(spasms, Random(index, "coupling"));
        var chance = _hazard.Chance(shortSleep, Hazard.Letdown(_stress.Before, _stress.Last), _drift);
        var attacks = AttacksOf(index, date, chance);
        _stress = (_stress.Last, stress);
        return new()
        {
            Index = index,
            Date = date,
            IsFree = isFree,
            Night = night,
            RestingBpm = Traits.RestingBpm + _restingBpm + shortSleep * 1.1 + _ending.RestingBpmRise(date),
            Stress = stress,
            StepsFactor = Traits.StepsFactor * stepsFactor,
            Exercises = exercises && !IsIctal(night.Wake + Duration.FromHours(10)),
            MensesStart = StartsCycle(index),
            IsLastDays = _ending.IsLastDays(date),
            Spasms = spasms,
            Attacks = attacks,
        };
    }

    Night NightOf(int index, LocalDate date, bool isFree)
    {
        var random = Random(index, "night");
        var draft = _ending.Night(NightDraft.Draw(random, Traits, isFree), date, Traits);
        if (IsIctal(_zone.AtLeniently(date.AtMidnight()).ToInstant()))
            draft = draft with { AsleepMinutes = Math.Min(draft.AsleepMinutes + 45, 600) };
        return Night.Place(draft, date, _zone, random);
    }

    /// <summary>Each neck spasm may bring an attack of its own, Gamma(2.5, 6.3 h) later.</summary>
    void Couple(IReadOnlyList<Spasm> spasms, SeededRandom random)
    {
        foreach (var spasm in spasms)
        {
            var hours = random.Gamma(2.5, 6.3);
            if (random.Chance(_character.Coupling) && spasm.Region == Core.Episodes.SpasmRegion.NeckShoulder)
                _coupled.Add(spasm.Start + Duration.FromMinutes((long)(hours * 60)));
        }
    }

    /// <summary>
    /// Onsets between 07:30 and 07:30: by the day's chance, and those that a spasm brought.
    /// </summary>
    List<Attack> AttacksOf(int index, LocalDate date, double chance)
    {
        var random = Random(index, "attacks");
        var onset = OnsetAt(date, random);
        var isOnset = random.Chance(chance);
        var end = _zone.AtLeniently(date.PlusDays(1) + new LocalTime(7, 30)).ToInstant();
        List<Instant> onsets = [.. _coupled.Where(at => at < end)];
        _coupled.RemoveAll(at => at < end);
        if (isOnset)
            onsets.Add(onset);
        onsets.Sort();

        List<Attack> attacks = [];
        foreach (var start in onsets)
        {
            var attack = DrawAttack(start, random);
            if (_lastAttack is { } last && start < last.End + Refractory || !_ending.Admits(attack))
                continue;
            attacks.Add(attack);
            _lastAttack = attack;
        }
        return attacks;
    }

    /// <summary>0.4 uniform and 0.6 around 10:00, moved by the wearer's own clock.</summary>
    Instant OnsetAt(LocalDate date, SeededRandom random)
    {
        var around = 10 + Traits.OnsetShiftHours + random.VonMises(0.8) * 12 / Math.PI;
        var uniform = random.Between(0, 24);
        var minutes = (int)Math.Floor((random.Chance(0.4) ? uniform : (around + 48) % 24) * 60);
        var day = minutes < 450 ? date.PlusDays(1) : date;
        return _zone.AtLeniently(day.AtMidnight().PlusMinutes(minutes)).ToInstant();
    }

    static Attack DrawAttack(Instant start, SeededRandom random)
    {
        var hours = Math.Clamp(random.LogNormal(14, 0.7), 4, 72);
        var severity = (int)random.Between(4, 10);
        var hasAura = random.Chance(0.25);
        var side = random.Unit() switch { < 0.4 => "left", < 0.8 => "right", _ => "both" };
        return new(start, start + Duration.FromMinutes((long)(hours * 60)), severity, hasAura, side);
    }

    bool StartsCycle(int index)
    {
        _cycleDays -= 1;
        if (_cycleDays > 0)
            return false;
        _cycleDays += Math.Clamp(Random(index, "cycle").Normal(Traits.CycleDays, 1.5), 21, 38);
        return _character.LogsMenses;
    }

    /// <summary>What a long run of ordinary days would bring, to set the level of the hazard by.</summary>
    (double Short, double Letdown)[] Exposures()
    {
        var exposures = new (double, double)[ExposureDays];
        var course = new StressCourse();
        var (before, last) = (3, 3);
        for (var i = 0; i < ExposureDays; i++)
        {
            var random = Random(-1 - i, "exposure");
            var isFree = i % 7 >= 5;
            var draft = NightDraft.Draw(random, Traits, isFree);
            exposures[i] = (Hazard.ShortSleep(Traits, draft.AsleepMinutes), Hazard.Letdown(before, last));
            (before, last) = (last, course.Next(random, isFree));
        }
        return exposures;
    }

    Instant UsualWake(LocalDate date)
    {
        var index = Period.DaysBetween(_firstDate, date);
        var draft = Ending.Usual(NightDraft.Draw(Random(index, "night"), Traits, IsFree(date)), Traits);
        return _zone.AtLeniently(date.AtMidnight().PlusMinutes(draft.WakeMinutes)).ToInstant();
    }

    bool IsIctal(Instant at) => _lastAttack is { } attack && attack.Covers(at);

    static bool IsFree(LocalDate date) => date.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday;

    SeededRandom Random(int day, string purpose) => SeededRandom.For(_seed, _wearer, day, purpose);
}
