namespace SpasmStream.Simulators.Wearers;

/// <summary>How long a night is to be, before it is placed on the calendar.</summary>
/// <param name="BedtimeMinutes">Onset of sleep, minutes from the midnight that begins the day of
/// waking.</param>
/// <param name="AsleepMinutes">Time asleep.</param>
/// <param name="WasoMinutes">Awake between onset and waking.</param>
/// <param name="IsWorn">Whether the watch was on.</param>
sealed record NightDraft(int BedtimeMinutes, int AsleepMinutes, int WasoMinutes, bool IsWorn)
{
    public int WakeMinutes => BedtimeMinutes + AsleepMinutes + WasoMinutes;

    /// <summary>
    /// Free days begin later and last longer; one night in seven is cut short (science 8.1).
    /// </summary>
    public static NightDraft Draw(SeededRandom random, Traits traits, bool isFree)
    {
        var bedtime = traits.BedtimeMinutes + random.Normal(0, 25) + (isFree ? 45 : 0);
        var asleep = traits.NeedMinutes + random.Normal(0, 40) + (isFree ? 35 : 0);
        var cut = random.Between(60, 180);
        if (random.Chance(0.15))
            asleep -= cut;
        var waso = Math.Clamp(random.LogNormal(42, 0.365), 10, 110);
        var isWorn = !random.Chance(0.08);
        return new(
            (int)Math.Clamp(bedtime, -135, 90), (int)Math.Clamp(asleep, 200, 580), (int)waso, isWorn);
    }
}
