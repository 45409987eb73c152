namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// Stress from evening to evening: it lingers, and workdays bring more of it (science 8.1).
/// </summary>
sealed class StressCourse
{
    double _state;

    public int Next(SeededRandom random, bool isFree)
    {
        _state = 0.5 * _state + random.Normal(0, Math.Sqrt(0.75));
        var level = 3.4 + 2.3 * (0.92 * _state + (isFree ? -0.43 : 0.17));
        return (int)Math.Round(Math.Clamp(level, 0, 10));
    }
}
