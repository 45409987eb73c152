using System.Buffers;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Lines of a batch, one a point in the points' order, in one pooled piece of memory: any run of them is a
/// body of a request, and sent again it is the same bytes.
/// </summary>
sealed class LineBuffer : IDisposable
{
    byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    int[] _ends = ArrayPool<int>.Shared.Rent(1024);
    int _length;

    /// <summary>How many points; the line of one that cannot be written is empty.</summary>
    public int Count { get; private set; }

    public void Clear() => (Count, _length) = (0, 0);

    /// <summary>Room for the next line; what is used of it is told to <see cref="End"/>.</summary>
    public Span<byte> Room(int most)
    {
        if (_bytes.Length - _length < most)
            Grow(ref _bytes, _length, most);
        return _bytes.AsSpan(_length);
    }

    /// <summary>The line of the next point ends after so many bytes; none when it has no line.</summary>
    public void End(int written)
    {
        _length += written;
        if (Count == _ends.Length)
            Grow(ref _ends, Count, 1);
        _ends[Count++] = _length;
    }

    /// <summary>The lines of the points in [from, to).</summary>
    public ReadOnlyMemory<byte> Lines(int from, int to) => _bytes.AsMemory(StartOf(from), Size(from, to));

    public int Size(int from, int to) => to <= from ? 0 : _ends[to - 1] - StartOf(from);

    /// <summary>Where a body that begins with a point ends, at most so many lines and bytes.</summary>
    public int Cut(int from, int lines, int bytes)
    {
        var last = (int)Math.Min(Count, (long)from + lines);
        var limit = StartOf(from) + bytes;
        if (_ends[last - 1] <= limit)
            return last;
        var found = Array.BinarySearch(_ends, from, last - from, limit);
        // Between two ends, the complement is the first line that reaches beyond.
        return Math.Max(from + 1, found >= 0 ? found + 1 : ~found);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<int>.Shared.Return(_ends);
        (_bytes, _ends, Count, _length) = ([], [], 0, 0);
    }

    int StartOf(int point) => point == 0 ? 0 : _ends[point - 1];

    static void Grow<T>(ref T[] array, int used, int more)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(array.Length * 2, used + more));
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}
