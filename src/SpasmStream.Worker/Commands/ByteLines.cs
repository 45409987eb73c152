namespace SpasmStream.Worker.Commands;

/// <summary>
/// The lines of a file as bytes, one at a time and none longer than a limit, so that a file of one endless
/// line costs no more memory than any other.
/// </summary>
sealed class ByteLines(Stream stream, int longest)
{
    byte[] _buffer = new byte[1 << 16];
    int _start;
    int _end;
    bool _atEnd;

    /// <summary>The line that was read last, counted from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Bytes taken from the stream so far.</summary>
    public long Taken { get; private set; }

    /// <summary>
    /// The next line without its end, in an array of its own; empty and <paramref name="tooLong"/> for one
    /// beyond the limit, which is passed over. False at the end of the file.
    /// </summary>
    public bool TryRead(out byte[] line, out bool tooLong)
    {
        (line, tooLong) = ([], false);
        var scanned = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var end = _start + scanned + at;
                tooLong |= end - _start > longest;
                line = tooLong ? [] : Trimmed(_buffer.AsSpan(_start, end - _start));
                _start = end + 1;
                Number++;
                return true;
            }

            scanned = _end - _start;
            if (scanned > longest)
            {
                // Beyond the limit nothing is kept; only where the line ends is still looked for.
                tooLong = true;
                (_start, scanned) = (_end, 0);
            }

            if (!Fill())
                break;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        if (rest.IsEmpty && !tooLong)
            return false;
        line = tooLong ? [] : Trimmed(rest);
        _start = _end;
        Number++;
        return true;
    }

    byte[] Trimmed(Span<byte> line)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (Number == 0 && line.StartsWith(mark))
            line = line[mark.Length..];
        return line.EndsWith("\r"u8) ? line[..^1].ToArray() : line.ToArray();
    }

    bool Fill()
    {
        if (_atEnd)
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        Taken += read;
        _atEnd = read == 0;
        return read > 0;
    }
}
