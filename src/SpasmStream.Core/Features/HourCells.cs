using System.Buffers.Binary;

namespace SpasmStream.Core.Features;

/// <summary>
/// Sixty minutes as bytes: a version byte, then heart rate and steps of each minute in hundredths as
/// little-endian 16-bit numbers, 0xFFFF where missing. The fold rounds to hundredths itself, so an hour read
/// back equals the fresh one.
/// </summary>
public static class HourCells
{
    const byte Version = 1;
    const ushort Missing = ushort.MaxValue;
    const int BytesPerMinute = 4;

    /// <summary>Bytes of one hour.</summary>
    public const int Length = 1 + (HourFold.MinutesPerHour * BytesPerMinute);

    /// <summary>
    /// The hour's cells as bytes; <see cref="ArgumentException"/> when there are not sixty or a value is
    /// outside 0 to 655.34.
    /// </summary>
    public static byte[] ToBytes(this HourSummary hour)
    {
        ArgumentNullException.ThrowIfNull(hour);
        if (hour.Minutes.Count != HourFold.MinutesPerHour)
            throw new ArgumentException("An hour has sixty minutes.", nameof(hour));

        var bytes = new byte[Length];
        bytes[0] = Version;
        var rest = bytes.AsSpan(1);
        foreach (var cell in hour.Minutes)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, ToHundredths(cell.HeartRate));
            BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], ToHundredths(cell.Steps));
            rest = rest[BytesPerMinute..];
        }
        return bytes;
    }

    /// <summary>The sixty cells; <see cref="FormatException"/> for another length or version.</summary>
    public static IReadOnlyList<MinuteCell> FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length || bytes[0] != Version)
            throw new FormatException("These are not the bytes of an hour.");

        var cells = new MinuteCell[HourFold.MinutesPerHour];
        var rest = bytes[1..];
        for (var minute = 0; minute < cells.Length; minute++, rest = rest[BytesPerMinute..])
            cells[minute] = new MinuteCell(
                FromHundredths(BinaryPrimitives.ReadUInt16LittleEndian(rest)),
                FromHundredths(BinaryPrimitives.ReadUInt16LittleEndian(rest[2..])));
        return cells;
    }

    /// <summary>The nearest value that can be stored; null for NaN.</summary>
    internal static double? Round(double value) => double.IsNaN(value) ? null : Math.Round(value * 100) / 100;

    static ushort ToHundredths(double? value)
    {
        if (value is null)
            return Missing;
        var hundredths = Math.Round(value.Value * 100);
        if (hundredths is >= 0 and < Missing)
            return (ushort)hundredths;
        throw new ArgumentException("A minute's value lies between 0 and 655.34.", nameof(value));
    }

    static double? FromHundredths(ushort value) => value == Missing ? null : value / 100.0;
}
