using System.Buffers.Binary;

namespace SpasmStream.Worker.Store;

/// <summary>One value as the journal of what is to be forwarded holds it.</summary>
/// <param name="Series">The number of its series.</param>
/// <param name="Start">Unix milliseconds.</param>
/// <param name="Duration">Milliseconds.</param>
/// <param name="Value">In the unit of its signal.</param>
/// <param name="Received">Unix milliseconds.</param>
/// <param name="Quality">0 to 1; NaN when unknown.</param>
/// <param name="Offset">Minutes; <see cref="ForwardSample.NoOffset"/> when unknown.</param>
/// <param name="Gone">Whether it was taken back.</param>
/// <param name="Again">Whether it stands where another stood, which may have been taken back.</param>
readonly record struct PackedSample(long Series, long Start, long Duration, double Value, long Received,
    double Quality, short Offset, bool Gone, bool Again = false)
{
    /// <summary>What the first of a row is told as the difference to.</summary>
    public static readonly PackedSample Zero =
        new(0, 0, 0, 0, 0, double.NaN, ForwardSample.NoOffset, false);
}

/// <summary>What of a packed sample is other than in the one before it, and so is written.</summary>
[Flags]
enum PackedParts : byte
{
    None = 0,
    Series = 1,
    Duration = 2,
    Received = 4,
    Quality = 8,
    Offset = 16,
    Gone = 32,

    /// <summary>The value is a whole number.</summary>
    Whole = 64,

    Again = 128,
}

/// <summary>
/// Writes samples into one buffer that is used again and again, each as its difference to the one before:
/// about eight bytes for a value of a live stream, five within a column.
/// </summary>
sealed class SamplePacker
{
    // The parts, four long numbers, two doubles and an offset.
    const int Longest = 1 + 4 * 10 + 2 * 8 + 2;

    byte[] _bytes = new byte[4096];
    int _length;
    PackedSample _last = PackedSample.Zero;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The earliest start of them.</summary>
    public long Oldest { get; private set; } = long.MaxValue;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Add(in PackedSample sample)
    {
        if (_bytes.Length - _length < Longest)
            Array.Resize(ref _bytes, _bytes.Length * 2);
        var whole = (long)sample.Value;
        // By bits, so that a negative zero stays one.
        var isWhole = whole is > -(1L << 53) and < 1L << 53 && Same(whole, sample.Value);
        var parts = (sample.Series != _last.Series ? PackedParts.Series : 0)
            | (sample.Duration != _last.Duration ? PackedParts.Duration : 0)
            | (sample.Received != _last.Received ? PackedParts.Received : 0)
            | (Same(sample.Quality, _last.Quality) ? 0 : PackedParts.Quality)
            | (sample.Offset != _last.Offset ? PackedParts.Offset : 0)
            | (sample.Gone ? PackedParts.Gone : 0) | (sample.Again ? PackedParts.Again : 0) | (isWhole ? PackedParts.Whole : 0);
        _bytes[_length++] = (byte)parts;
        if ((parts & PackedParts.Series) != 0)
            Number(sample.Series);
        Number(sample.Start - _last.Start);
        if ((parts & PackedParts.Duration) != 0)
            Number(sample.Duration);
        if ((parts & PackedParts.Received) != 0)
            Number(sample.Received - _last.Received);
        if ((parts & PackedParts.Quality) != 0)
            Double(sample.Quality);
        if ((parts & PackedParts.Offset) != 0)
            Number(sample.Offset);
        if (isWhole)
            Number(whole);
        else
            Double(sample.Value);
        _last = sample;
        Count++;
        Oldest = Math.Min(Oldest, sample.Start);
    }

    public void Clear()
    {
        (_length, Count, Oldest) = (0, 0, long.MaxValue);
        _last = PackedSample.Zero;
    }

    static bool Same(double one, double other) =>
        BitConverter.DoubleToInt64Bits(one) == BitConverter.DoubleToInt64Bits(other);

    // Seven bits a byte, the sign lowest: small differences of either sign are short.
    void Number(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest >= 0x80; rest >>= 7)
            _bytes[_length++] = (byte)(rest | 0x80);
        _bytes[_length++] = (byte)rest;
    }

    void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(_length), value);
        _length += sizeof(double);
    }
}

/// <summary>Reads what <see cref="SamplePacker"/> wrote.</summary>
ref struct SampleUnpacker(ReadOnlySpan<byte> packed)
{
    ReadOnlySpan<byte> _rest = packed;
    PackedSample _last = PackedSample.Zero;

    /// <summary>False at the end; <see cref="InvalidDataException"/> when the bytes are damaged.</summary>
    public bool Next(out PackedSample sample)
    {
        sample = _last;
        if (_rest.IsEmpty)
            return false;
        var parts = (PackedParts)Take(1)[0];
        if ((parts & (PackedParts.Gone | PackedParts.Again)) == (PackedParts.Gone | PackedParts.Again))
            throw Damaged();
        sample = new PackedSample(
            (parts & PackedParts.Series) != 0 ? Number() : _last.Series,
            _last.Start + Number(),
            (parts & PackedParts.Duration) != 0 ? Number() : _last.Duration,
            0,
            (parts & PackedParts.Received) != 0 ? _last.Received + Number() : _last.Received,
            (parts & PackedParts.Quality) != 0 ? Double() : _last.Quality,
            (parts & PackedParts.Offset) != 0 ? (short)Number() : _last.Offset,
            (parts & PackedParts.Gone) != 0, (parts & PackedParts.Again) != 0) with
        {
            Value = (parts & PackedParts.Whole) != 0 ? Number() : Double(),
        };
        _last = sample;
        return true;
    }

    long Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }

        throw Damaged();
    }

    double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    ReadOnlySpan<byte> Take(int length)
    {
        if (_rest.Length < length)
            throw Damaged();
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    static InvalidDataException Damaged() =>
        new("A row of forward is damaged: stop the worker and run recover.");
}
