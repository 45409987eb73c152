namespace SpasmStream.Simulators.Wearers;

/// <summary>What is true about a simulated wearer's attacks, and what a forecast may hope to find.</summary>
sealed record Character(string Name, string Truth)
{
    /// <summary>Chance of an onset on an ordinary day at risk.</summary>
    public required double OnsetRate { get; init; }

    /// <summary>Log-odds per 65 minutes of sleep below need.</summary>
    public double ShortSleep { get; init; }

    /// <summary>Log-odds per 2.4 points that the stress rating fell from one evening to the next.</summary>
    public double Letdown { get; init; }

    /// <summary>Standard deviation of the slow drift of the log-odds.</summary>
    public double Drift { get; init; }

    /// <summary>Log-odds of a spasm on an ordinary day.</summary>
    public double SpasmLogit { get; init; } = -2.7;

    /// <summary>Share of the spasms that are in neck or shoulder.</summary>
    public double NeckShare { get; init; } = 0.45;

    /// <summary>Chance that a neck spasm brings an attack of its own, hours later.</summary>
    public double Coupling { get; init; }

    /// <summary>Whether the wearer logs a menstrual cycle; it changes nothing here.</summary>
    public bool LogsMenses { get; init; }

    public static Character Responder { get; } = new(
        "responder",
        "Attacks follow short nights (log-odds 1.0 per 65 min below need) "
        + "and stress let-down (1.0 per 2.4 points).")
    {
        OnsetRate = 0.19, ShortSleep = 1.0, Letdown = 1.0, Drift = 0.25, LogsMenses = true,
    };

    public static Character SpasmCoupled { get; } = new(
        "spasm-coupled",
        "A neck spasm brings an attack with probability 0.42 after about 16 h; "
        + "sleep and stress change nothing.")
    {
        OnsetRate = 0.11, Drift = 0.25, SpasmLogit = -1.4, NeckShare = 0.65, Coupling = 0.42,
    };

    public static Character Untriggered { get; } = new(
        "untriggered",
        "Attacks come at a constant chance a day: nothing measured or logged foretells them.")
    {
        OnsetRate = 0.17,
    };

    public static IReadOnlyList<Character> All { get; } = [Responder, SpasmCoupled, Untriggered];

    public static Character? Named(string name) => All.FirstOrDefault(character => character.Name == name);
}
