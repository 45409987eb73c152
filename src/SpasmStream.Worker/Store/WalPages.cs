using System.Buffers.Binary;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Which pages SQLite's write-ahead log holds newer than the file: those of whole commits, up to the first
/// frame whose checksum is wrong.
/// </summary>
static class WalPages
{
    const int HeaderSize = 32;
    const int FrameHeaderSize = 24;
    const uint Magic = 0x377f0682;

    /// <summary>
    /// Where each page begins in the log, by its number, and how many pages the file then has.
    /// </summary>
    public static (IReadOnlyDictionary<int, long> Offsets, int Pages) Read(Stream log, int pageSize)
    {
        var committed = new Dictionary<int, long>();
        var header = new byte[HeaderSize];
        log.Position = 0;
        if (log.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize
            || (Number(header, 0) & ~1u) != Magic || Number(header, 8) != pageSize)
            return (committed, 0);
        var bigEndian = (Number(header, 0) & 1) == 1;
        var sum = Checksum((0, 0), header.AsSpan(0, 24), bigEndian);
        var pending = new Dictionary<int, long>();
        var (pages, frame) = (0, new byte[FrameHeaderSize + pageSize]);
        while (log.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length)
        {
            sum = Checksum(sum, frame.AsSpan(0, 8), bigEndian);
            sum = Checksum(sum, frame.AsSpan(FrameHeaderSize), bigEndian);
            if (!frame.AsSpan(8, 8).SequenceEqual(header.AsSpan(16, 8))
                || sum != (Number(frame, 16), Number(frame, 20)))
                break;
            pending[(int)Number(frame, 0)] = log.Position - pageSize;
            if (Number(frame, 4) is > 0 and var size)
            {
                pages = (int)size;
                foreach (var (page, at) in pending)
                    committed[page] = at;
                pending.Clear();
            }
        }

        return (committed, pages);
    }

    static (uint, uint) Checksum((uint A, uint B) sum, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (a, b) = sum;
        for (var i = 0; i < bytes.Length; i += 8)
        {
            a += Word(bytes[i..], bigEndian) + b;
            b += Word(bytes[(i + 4)..], bigEndian) + a;
        }

        return (a, b);
    }

    static uint Word(ReadOnlySpan<byte> bytes, bool bigEndian) => bigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    static uint Number(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
}
