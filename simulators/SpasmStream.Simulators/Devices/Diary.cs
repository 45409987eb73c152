using NodaTime;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>What the wearer writes down, and when: promptly, late, or not at all (science 8.1).</summary>
sealed class Diary(string wearer, Traits traits, DateTimeZone zone)
{
    readonly DiaryPayload _payload = new(zone);
    readonly AttackLog _attacks = new(wearer, zone);

    /// <summary>Everything this day gives rise to; some of it is written days later.</summary>
    /// <param name="day">The day.</param>
    /// <param name="bedtime">When the next night begins.</param>
    /// <param name="attacks">The attacks of the last days, up to <paramref name="bedtime"/>.</param>
    /// <param name="random">The diary's draws of this day.</param>
    public IEnumerable<WireMessage> Write(
        DayPlan day, Instant bedtime, IReadOnlyList<Attack> attacks, SeededRandom random)
    {
        var evening = zone.AtLeniently(day.Date + new LocalTime(21, 30)).ToInstant();
        var usual = evening + Duration.FromSeconds((long)random.Normal(0, 600));
        var checkIn = Instant.Min(usual, bedtime - Duration.FromMinutes(20));
        var isIctal = attacks.Any(attack => attack.Covers(checkIn));
        List<WireMessage> messages = [];
        if (!random.Chance(isIctal ? 0.25 : 0.12) || day.IsLastDays)
            messages.AddRange(CheckIn(day, checkIn, isIctal, attacks, random));
        if (day.MensesStart)
            messages.Add(Message("trigger", day.Night.Wake + Duration.FromMinutes(50), at =>
                _payload.Menses(day.Date, at)));
        foreach (var spasm in day.Spasms)
            messages.Add(Log(spasm, day, random));
        foreach (var attack in attacks.Where(item => day.Night.Onset <= item.Start && item.Start < bedtime))
            messages.AddRange(_attacks.Write(attack, day, bedtime, random));
        return messages;
    }

    IEnumerable<WireMessage> CheckIn(
        DayPlan day, Instant at, bool isIctal, IReadOnlyList<Attack> attacks, SeededRandom random)
    {
        var shortSleep = Hazard.ShortSleep(traits, day.Night.AsleepMinutes);
        var mood = Scale(6.5 - 0.4 * (day.Stress - 3.4) - (isIctal ? 2 : 0) + random.Normal(0, 1));
        var fatigue = Scale(3 + 1.5 * shortSleep + (isIctal ? 2 : 0) + random.Normal(0, 1));
        yield return Message("state", at, logged =>
            _payload.State(day.Date, logged, day.Stress, mood, fatigue));

        var habits = Habits(day, isIctal, random);
        yield return Message("trigger", at + Duration.FromSeconds(40), _ =>
            _payload.Habits(day.Date, habits)) with { Samples = habits.Count };

        // Yesterday is over, so an explicit no about it stays true.
        var yesterday = day.Date.PlusDays(-1);
        var (start, end) = (StartOf(yesterday), StartOf(day.Date));
        if (random.Chance(0.85) && !attacks.Any(attack => attack.Overlaps(start, end)))
            yield return Message("episode", at + Duration.FromSeconds(75), logged =>
                _payload.NoAttack(yesterday, logged));
    }

    /// <summary>Coffee, drinks and meals of the day, each with its time; 0 is an explicit no.</summary>
    List<Habit> Habits(DayPlan day, bool isIctal, SeededRandom random)
    {
        List<Habit> habits = [new("caffeine", At(day, 8 * 60 + random.Between(0, 90)), "serving")
        {
            Quantity = random.Poisson(traits.CaffeineServings),
        }];
        var drinks = random.Chance(day.IsFree ? 0.4 : 0.15) ? 1 + random.Poisson(1.1) : 0;
        if (isIctal)
            drinks = 0;
        if (day.IsLastDays)
            drinks = Math.Min(drinks, 1);
        var saysNo = random.Chance(0.7);
        if (drinks > 0 || saysNo)
            habits.Add(new("alcohol", At(day, 19 * 60 + random.Between(0, 60)), "drink")
            {
                Quantity = drinks,
            });
        foreach (var (meal, minute, skipped) in (ReadOnlySpan<(string, int, double)>)
                 [("breakfast", 450, 0.12), ("lunch", 750, 0.06), ("dinner", 1110, 0.02)])
        {
            var eaten = At(day, minute + random.Between(0, 60));
            if (!random.Chance(skipped) && eaten > day.Night.Wake)
                habits.Add(new("meal", eaten, null) { Label = meal });
        }
        return habits;
    }

    WireMessage Log(Spasm spasm, DayPlan day, SeededRandom random)
    {
        var awake = Instant.Max(spasm.Start, day.Night.Wake);
        var logged = awake + Duration.FromSeconds((long)random.Between(180, 1800));
        var count = 1 + random.Poisson(1.2);
        return Message("episode", logged, at => _payload.Spasm(day.Date, spasm, count, day.Exercises, at));
    }

    WireMessage Message(string what, Instant at, Func<Instant, byte[]> payload) =>
        new($"spasmstream/v1/in/{wearer}/diary/{what}", at, payload(at));

    Instant At(DayPlan day, double minute) =>
        zone.AtLeniently(day.Date.AtMidnight().PlusMinutes((long)minute)).ToInstant();

    Instant StartOf(LocalDate date) => zone.AtStartOfDay(date).ToInstant();

    static int Scale(double value) => (int)Math.Round(Math.Clamp(value, 0, 10));
}
