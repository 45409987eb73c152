using SpasmStream.Simulators.Wearers;
using static SpasmStream.Tests.Simulators.Published;

namespace SpasmStream.Tests.Simulators;

/// <summary>Whether the messages show what the characters promise.</summary>
public sealed class TruthTests
{
    const int Year = 365;
    const int Seeds = 6;

    readonly Dictionary<string, Published[]> _years = [];

    [Fact]
    public void Sleep_heart_rate_steps_and_attacks_are_those_of_a_person()
    {
        foreach (var character in Character.All)
            for (var seed = 1; seed <= 3; seed++)
            {
                var published = By(Options(character, seed));
                var label = $"{character.Name} {seed}";
                Assert.InRange(published.Nights.Average(night => night.AsleepHours), 6.5, 8.2);
                Assert.InRange(published.Nights.Count, 165, 200);
                Assert.True(Resting(published) is >= 45 and <= 75, label);
                Assert.InRange(published.Steps.Values.Sum() / 200.0, 4_000, 11_000);
                Assert.True(published.OnsetsAMonth(200) is >= 2 and <= 8, label);
                Assert.InRange(published.Stress.Count, 140, 195);
                Assert.InRange(published.SaidNoAttack.Count, 60, 170);
            }
    }

    [Fact]
    public void The_responder_has_more_onsets_after_short_nights_and_letdown_and_the_untriggered_has_not()
    {
        Assert.True(OddsAfterShortNights(Character.Responder) > 1.5);
        Assert.InRange(OddsAfterShortNights(Character.Untriggered), 0.6, 1.5);
        Assert.True(OddsAfterLetdown(Character.Responder) > 1.5);
        Assert.InRange(OddsAfterLetdown(Character.Untriggered), 0.6, 1.5);
    }

    [Fact]
    public void A_neck_spasm_brings_attacks_within_a_day_to_the_coupled_wearer_only()
    {
        Assert.True(ExcessAfterNeckSpasm(Character.SpasmCoupled) > 0.12);
        Assert.InRange(ExcessAfterNeckSpasm(Character.Untriggered), -0.12, 0.12);
    }

    Published[] Years(Character character) => _years.TryGetValue(character.Name, out var years)
        ? years
        : _years[character.Name] =
            [
                .. Enumerable.Range(1, Seeds)
                    .Select(seed => By(Options(character, seed, Year), minutes: false)),
            ];

    /// <summary>Median over nights of the lowest twentieth of the night's minutes.</summary>
    static double Resting(Published published)
    {
        List<int> lows = [];
        foreach (var (onset, wake, _) in published.Nights)
        {
            List<int> night = [.. published.HeartRate.Where(pair => onset <= pair.Key && pair.Key < wake)
                .Select(pair => pair.Value).Order()];
            if (night.Count > 60)
                lows.Add(night[night.Count / 20]);
            if (lows.Count == 25)
                break;
        }
        lows.Sort();
        return lows[lows.Count / 2];
    }

    double OddsAfterShortNights(Character character) => Odds(character, (published, seed) =>
    {
        var need = Traits.Draw(seed, "ada").NeedMinutes / 60;
        return published.Nights.Select(night =>
            (night.Wake + Duration.FromHours(1), night.AsleepHours < need - 1));
    });

    double OddsAfterLetdown(Character character) => Odds(character, (published, _) =>
    {
        var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
        return published.Stress
            .Where(day => published.Stress.ContainsKey(day.Key.PlusDays(-1)))
            .Select(day => (
                zone.AtLeniently(day.Key.PlusDays(1) + new LocalTime(7, 30)).ToInstant(),
                published.Stress[day.Key.PlusDays(-1)] - day.Value >= 3));
    });

    /// <summary>Odds ratio of an onset in the next 24 h, over mornings clear of attacks.</summary>
    double Odds(
        Character character, Func<Published, int, IEnumerable<(Instant At, bool IsExposed)>> exposures)
    {
        var table = new double[2, 2];
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var published = Years(character)[seed - 1];
            foreach (var (at, isExposed) in exposures(published, seed))
            {
                var day = Duration.FromHours(24);
                if (published.Attacks.Values.Any(attack =>
                        attack.Start <= at && at < (attack.End ?? attack.Start + day) + day))
                    continue;
                table[isExposed ? 1 : 0, published.HasOnset(at, at + day) ? 1 : 0]++;
            }
        }
        return table[1, 1] * table[0, 0] / (table[1, 0] * table[0, 1]);
    }

    /// <summary>Chance of an onset within 24 h after a neck spasm, less the chance within any 24 h.</summary>
    double ExcessAfterNeckSpasm(Character character)
    {
        var (spasms, followed, days, onsets) = (0, 0, 0, 0);
        foreach (var published in Years(character))
        {
            foreach (var (start, region) in published.Spasms.Where(spasm => spasm.Region == "neck_shoulder"))
            {
                spasms++;
                followed += published.HasOnset(start, start + Duration.FromHours(24)) ? 1 : 0;
            }
            days += Year;
            onsets += published.Attacks.Count;
        }
        Assert.True(spasms > 40, $"{spasms} neck spasms are too few.");
        return followed / (double)spasms - onsets / (double)days;
    }
}
