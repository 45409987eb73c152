using NodaTime;

namespace SpasmStream.Simulators.Wearers;

/// <summary>How a wearer is to be simulated.</summary>
/// <param name="Name">The wearer's id in topics.</param>
/// <param name="Character">What is true about the attacks.</param>
/// <param name="Zone">Where the wearer lives.</param>
/// <param name="Seed">The same seed gives the same messages, byte for byte.</param>
/// <param name="Days">Length of the history.</param>
/// <param name="Until">The end of the history: the present.</param>
/// <param name="LastDay">What the days before the present look like.</param>
sealed record WearerOptions(
    string Name, Character Character, DateTimeZone Zone, long Seed, int Days, Instant Until, LastDay LastDay)
{
    public LocalDate FirstDate => Until.InZone(Zone).Date.PlusDays(1 - Days);
}
