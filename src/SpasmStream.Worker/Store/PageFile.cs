using System.Buffers.Binary;

namespace SpasmStream.Worker.Store;

/// <summary>
/// The pages of a SQLite file and its log, read as they lie, without asking SQLite, which gives up at the
/// first that is damaged. Nothing is ever written.
/// </summary>
sealed class PageFile : IDisposable
{
    const int OurPageSize = 4096;

    readonly FileStream _file;
    readonly FileStream? _log;
    readonly IReadOnlyDictionary<int, long> _newer = new Dictionary<int, long>();

    public PageFile(string path)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        PageSize = SizeIn(_file);
        Count = (int)((_file.Length + PageSize - 1) / PageSize);
        if (!File.Exists(path + "-wal"))
            return;
        _log = new FileStream(path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        (_newer, var pages) = WalPages.Read(_log, PageSize);
        Count = Math.Max(Count, pages);
    }

    public int PageSize { get; }

    /// <summary>How many pages there are; the first is number 1.</summary>
    public int Count { get; }

    /// <summary>A page; zeros where the file ends before it.</summary>
    public byte[] Read(int number)
    {
        var page = new byte[PageSize];
        if (_newer.TryGetValue(number, out var at))
        {
            _log!.Position = at;
            _log.ReadExactly(page);
            return page;
        }

        _file.Position = (long)(number - 1) * PageSize;
        _file.ReadAtLeast(page, PageSize, throwOnEndOfStream: false);
        return page;
    }

    public void Dispose()
    {
        _file.Dispose();
        _log?.Dispose();
    }

    // A header that is damaged says nothing; all files of ours have pages of one size.
    static int SizeIn(FileStream file)
    {
        var header = new byte[18];
        file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        var size = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16));
        return header.AsSpan().StartsWith("SQLite format 3\0"u8) && size >= 512
            && int.IsPow2(size) ? size : OurPageSize;
    }
}
