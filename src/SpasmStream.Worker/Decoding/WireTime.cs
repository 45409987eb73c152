using NodaTime;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads and writes instants of the wire: RFC 3339 with an offset, to the millisecond.</summary>
static class WireTime
{
    /// <summary>Below this a number would be seconds; no fact of ours is that old (3 March 1973).</summary>
    public const long Earliest = 100_000_000_000;

    /// <summary>From here on nanoseconds no longer fit 64 bits (11 April 2262).</summary>
    public const long Latest = 9_223_372_036_000;

    const int MaxOffsetMinutes = 18 * 60;
    const long DayMs = 86_400_000;

    /// <summary>
    /// Reads <c>2026-03-07T22:41:05.120+01:00</c> to Unix ms; further decimals are cut off and <c>:60</c> is
    /// the next second. The offset is null for <c>Z</c> and <c>-00:00</c>, which tell nothing of local time
    /// (RFC 9557, 2.2).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixMs, out int? offsetMinutes)
    {
        unixMs = 0;
        offsetMinutes = null;
        if (text.Length < 20 || !TryDay(text[..10], out var day) || (text[10] | 0x20) != 't'
            || text[13] != ':' || text[16] != ':'
            || !TryTwo(text, 11, 23, out var hour) || !TryTwo(text, 14, 59, out var minute)
            || !TryTwo(text, 17, 60, out var second))
            return false;

        var at = 19;
        if (!TryFraction(text, ref at, out var ms) || !TryOffset(text[at..], out offsetMinutes))
            return false;

        unixMs = day * DayMs + ((hour * 60 + minute - (offsetMinutes ?? 0)) * 60L + second) * 1000 + ms;
        return true;
    }

    /// <summary>Reads <c>2026-03-08</c>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out LocalDate date)
    {
        date = default;
        if (!TryDay(text, out var day))
            return false;
        date = new LocalDate(1970, 1, 1).PlusDays((int)day);
        return true;
    }

    /// <summary>Writes an instant as the wearer's clock showed it, with the offset.</summary>
    public static string Format(long unixMs, int offsetMinutes)
    {
        var local = DateTime.UnixEpoch.AddMilliseconds(unixMs + offsetMinutes * 60_000L);
        var (sign, minutes) = offsetMinutes < 0 ? ('-', -offsetMinutes) : ('+', offsetMinutes);
        return $"{local:yyyy-MM-ddTHH:mm:ss.fff}{sign}{minutes / 60:00}:{minutes % 60:00}";
    }

    static bool TryFraction(ReadOnlySpan<byte> text, ref int at, out int ms)
    {
        ms = 0;
        if (text[at] != '.')
            return true;
        var first = ++at;
        var weight = 100;
        for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, weight /= 10)
            ms += (text[at] - '0') * weight;
        return at > first && at < text.Length;
    }

    static bool TryOffset(ReadOnlySpan<byte> text, out int? minutes)
    {
        minutes = null;
        if (text.Length == 1)
            return (text[0] | 0x20) == 'z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !TryTwo(text, 1, 23, out var hour) || !TryTwo(text, 4, 59, out var minute))
            return false;

        var total = hour * 60 + minute;
        var behind = text[0] == '-';
        minutes = behind ? total == 0 ? null : -total : total;
        return total <= MaxOffsetMinutes;
    }

    /// <summary>Days since 1970 of a day that exists.</summary>
    static bool TryDay(ReadOnlySpan<byte> text, out long day)
    {
        day = 0;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-'
            || !TryTwo(text, 0, 99, out var century) || !TryTwo(text, 2, 99, out var rest)
            || !TryTwo(text, 5, 12, out var month) || !TryTwo(text, 8, 31, out var dayOfMonth))
            return false;
        var year = century * 100 + rest;
        if (year == 0 || month == 0 || dayOfMonth == 0 || dayOfMonth > DateTime.DaysInMonth(year, month))
            return false;

        day = new DateTime(year, month, dayOfMonth).Ticks / TimeSpan.TicksPerDay - 719_162;
        return true;
    }

    static bool TryTwo(ReadOnlySpan<byte> text, int at, int max, out int value)
    {
        var tens = (uint)text[at] - '0';
        var ones = (uint)text[at + 1] - '0';
        value = (int)(tens * 10 + ones);
        return tens <= 9 && ones <= 9 && value <= max;
    }
}
