using NodaTime;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// Whether and where a muscle cramps on a day: exertion, stress and short sleep help (science 8.1).
/// </summary>
sealed class SpasmCourse(Character character, Traits traits, DateTimeZone zone)
{
    public IReadOnlyList<Spasm> Draw(
        SeededRandom random, LocalDate date, Night night, bool exercises, int stress, double shortSleep)
    {
        var logit = character.SpasmLogit + traits.SpasmLogit
            + (exercises ? 0.5 : 0) + 0.3 * (stress - 3.4) / 2.4 + (shortSleep > 0.5 ? 0.3 : 0);
        var happens = random.Chance(Hazard.Sigmoid(logit));
        var region = Region(random);
        var isNocturnal = region == SpasmRegion.CalfFoot && random.Chance(0.7);
        var minutes = isNocturnal ? random.Between(60, 300) : random.Between(9 * 60, 21 * 60);
        var severity = (int)random.Between(2, 9);
        if (!happens)
            return [];
        var start = zone.AtLeniently(date.AtMidnight().PlusMinutes((long)minutes)).ToInstant();
        return [new(start, region, severity, night.Onset <= start && start < night.Wake)];
    }

    SpasmRegion Region(SeededRandom random)
    {
        var share = random.Unit();
        var rest = (share - character.NeckShare) / (1 - character.NeckShare);
        return rest switch
        {
            < 0 => SpasmRegion.NeckShoulder,
            < 0.64 => SpasmRegion.CalfFoot,
            < 0.78 => SpasmRegion.Jaw,
            < 0.92 => SpasmRegion.Back,
            _ => SpasmRegion.Other,
        };
    }
}
