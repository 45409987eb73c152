using System.Buffers.Binary;

namespace SpasmStream.SystemTests.Support;

/// <summary>Reads SQLite's log: how many transactions it holds.</summary>
static class WalFile
{
    const int HeaderSize = 32;
    const int FrameHeaderSize = 24;

    /// <summary>Frames that end a transaction, of the log's present generation.</summary>
    public static int Commits(string database)
    {
        using var file = new FileStream(database + "-wal", FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        var log = memory.ToArray();
        var page = (int)BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(8));
        var salt = log.AsSpan(16, 8).ToArray();
        var commits = 0;
        for (var at = HeaderSize; at + FrameHeaderSize + page <= log.Length; at += FrameHeaderSize + page)
            if (log.AsSpan(at + 8, 8).SequenceEqual(salt)
                && BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(at + 4)) != 0)
                commits++;
        return commits;
    }
}
