using System.Buffers.Text;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads the digits of a JSON number that <c>Utf8JsonReader</c> has already found to be one.
/// </summary>
static class WireNumber
{
    // No double needs more than 24 characters; longer ones are a way to burn time.
    const int MaxLength = 64;

    static readonly double[] PowersOfTen =
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>
    /// False for what is not finite as a double, for whole numbers beyond 64 bits and for endless digits.
    /// </summary>
    public static bool TryDouble(ReadOnlySpan<byte> digits, out double value) =>
        TryShort(digits, out value) || TryLonger(digits, out value);

    /// <summary>False for what has a fraction or an exponent, and beyond 64 bits.</summary>
    public static bool TryLong(ReadOnlySpan<byte> digits, out long value) =>
        Utf8Parser.TryParse(digits, out value, out var used) && used == digits.Length;

    /// <summary>Whether it is written without fraction and exponent.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> digits) =>
        !digits.ContainsAny((byte)'.', (byte)'e', (byte)'E');

    static bool TryLonger(ReadOnlySpan<byte> digits, out double value)
    {
        value = 0;
        return digits.Length <= MaxLength && Utf8Parser.TryParse(digits, out value, out var used)
            && used == digits.Length && double.IsFinite(value)
            && (!IsWhole(digits) || TryLong(digits, out _));
    }

    /// <summary>
    /// Up to 15 digits and no exponent: digits and power of ten are exact doubles, so one division rounds
    /// once.
    /// </summary>
    static bool TryShort(ReadOnlySpan<byte> digits, out double value)
    {
        value = 0;
        if (digits.Length > 15)
            return false;

        var point = -1;
        var mantissa = 0L;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = (uint)digits[i] - '0';
            if (digit <= 9)
                mantissa = mantissa * 10 + digit;
            else if (digits[i] == '.')
                point = i;
            else
                return false;
        }

        value = point < 0 ? mantissa : mantissa / PowersOfTen[digits.Length - point - 1];
        return true;
    }
}
