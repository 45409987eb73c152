using NodaTime;

namespace SpasmStream.Core.Features;

/// <summary>Consecutive minutes of one wearer out of stored hours; what no hour covers is missing.</summary>
sealed class MinuteGrid
{
    readonly long _firstMinute;
    readonly MinuteCell[] _cells;

    /// <summary>
    /// The minutes that overlap [from, to). Of two versions of one hour the later known counts.
    /// </summary>
    public MinuteGrid(Instant from, Instant to, IReadOnlyList<HourSummary> hours)
    {
        _firstMinute = MinuteOf(from);
        _cells = new MinuteCell[Math.Max(0, CeilingOf(to) - _firstMinute)];
        foreach (var hour in hours.OrderBy(static hour => hour.KnownAt))
        {
            var offset = MinuteOf(hour.Start) - _firstMinute;
            for (var i = 0; i < hour.Minutes.Count; i++)
                if (offset + i >= 0 && offset + i < _cells.Length)
                    _cells[offset + i] = hour.Minutes[i];
        }
    }

    /// <summary>The minutes that begin within [from, to), as far as the grid reaches.</summary>
    public ReadOnlySpan<MinuteCell> Within(Instant from, Instant to)
    {
        var (first, count) = RangeOf(from, to);
        return _cells.AsSpan(first, count);
    }

    /// <summary>Marks the minutes that begin within [from, to) in a mask of the grid's length.</summary>
    public void Mark(Instant from, Instant to, bool[] mask)
    {
        var (first, count) = RangeOf(from, to);
        mask.AsSpan(first, count).Fill(true);
    }

    /// <summary>A mask with nothing marked.</summary>
    public bool[] NewMask() => new bool[_cells.Length];

    /// <summary>The part of a mask that belongs to the minutes that begin within [from, to).</summary>
    public ReadOnlySpan<bool> Within(Instant from, Instant to, bool[] mask)
    {
        var (first, count) = RangeOf(from, to);
        return mask.AsSpan(first, count);
    }

    (int First, int Count) RangeOf(Instant from, Instant to)
    {
        var first = Math.Clamp(CeilingOf(from) - _firstMinute, 0, _cells.Length);
        var end = Math.Clamp(CeilingOf(to) - _firstMinute, first, _cells.Length);
        return ((int)first, (int)(end - first));
    }

    static long CeilingOf(Instant at) => MinuteOf(at + Duration.FromMinutes(1) - Duration.FromTicks(1));

    static long MinuteOf(Instant at)
    {
        var (minutes, rest) = Math.DivRem(at.ToUnixTimeTicks(), NodaConstants.TicksPerMinute);
        return rest < 0 ? minutes - 1 : minutes;
    }
}
