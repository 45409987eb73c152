namespace SpasmStream.Simulators.Wearers;

/// <summary>The daily chance of an onset, by what happened until this morning (science 8.1).</summary>
sealed class Hazard
{
    readonly Character _character;
    readonly double _alpha;

    /// <summary>
    /// Sets the level so that the mean chance over <paramref name="exposures"/> is the character's.
    /// </summary>
    public Hazard(Character character, IReadOnlyList<(double Short, double Letdown)> exposures)
    {
        _character = character;
        var (low, high) = (-12.0, 6.0);
        for (var round = 0; round < 40; round++)
        {
            var middle = (low + high) / 2;
            var mean = exposures.Average(x => Sigmoid(middle + Effect(x.Short, x.Letdown)));
            (low, high) = mean < character.OnsetRate ? (middle, high) : (low, middle);
        }
        _alpha = (low + high) / 2;
    }

    public double Chance(double shortSleep, double letdown, double drift) =>
        Sigmoid(_alpha + Effect(shortSleep, letdown) + _character.Drift * drift);

    /// <summary>How far below need a night was, in units of 65 minutes.</summary>
    public static double ShortSleep(Traits traits, int asleepMinutes) =>
        Math.Clamp((traits.NeedMinutes - asleepMinutes) / 65, 0, 3);

    /// <summary>How far the rating fell between two evenings, in units of 2.4 points.</summary>
    public static double Letdown(int before, int after) => Math.Clamp((before - after) / 2.4, 0, 3);

    public static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));

    double Effect(double shortSleep, double letdown) =>
        _character.ShortSleep * shortSleep + _character.Letdown * letdown;
}
