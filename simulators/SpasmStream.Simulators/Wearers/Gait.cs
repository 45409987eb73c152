namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// Sitting, pottering, walking and sport: stretches of random length while awake (science 8.1).
/// </summary>
sealed class Gait
{
    const double StillMinutes = 25;

    readonly SeededRandom _random;
    readonly double _walkShare;
    readonly int _sportFrom;
    readonly int _sportMinutes;
    double _left;
    double _rate;

    public Gait(DayPlan day, int wakeMinute, int length, SeededRandom random)
    {
        _random = random;
        _walkShare = Math.Clamp(0.12 * day.StepsFactor, 0.02, 0.5);
        _sportMinutes = day.Exercises ? (int)Math.Clamp(random.Normal(35, 8), 15, 60) : 0;
        _sportFrom = wakeMinute + (int)random.Between(60, Math.Max(61, length - wakeMinute - 150));
    }

    /// <summary>Steps in this minute; an attack keeps the wearer still.</summary>
    public int Next(int minute, bool isIctal)
    {
        if (minute >= _sportFrom && minute < _sportFrom + _sportMinutes && !isIctal)
            return (int)(140 * _random.Between(0.9, 1.1));
        if (_left <= 0)
            Change(isIctal);
        _left--;
        return _rate == 0 ? 0 : (int)(_rate * _random.Between(0.8, 1.2));
    }

    void Change(bool isIctal)
    {
        if (_rate > 0)
        {
            (_rate, _left) = (0, _random.Exponential(isIctal ? 1.6 * StillMinutes : StillMinutes));
            return;
        }
        var isWalk = _random.Chance(isIctal ? 0.6 * _walkShare : _walkShare);
        (_rate, _left) = isWalk ? (95, _random.Exponential(8)) : (30, _random.Exponential(4));
    }
}
