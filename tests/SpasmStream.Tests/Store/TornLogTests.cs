using System.Buffers.Binary;

namespace SpasmStream.Tests.Store;

/// <summary>A log whose end is gone: what was committed before stays, without holes.</summary>
public sealed class TornLogTests
{
    const int Commits = 12;
    const int FrameHeader = 24, LogHeader = 32;

    [Fact]
    public async Task F39_However_much_of_the_log_is_cut_what_is_left_is_exactly_a_prefix_of_the_commits()
    {
        using var store = new TempStore();
        var sizes = new List<long>();
        for (var i = 0; i < Commits; i++)
        {
            await store.AppendAsync(Some.Bpm(i, 60 + i));
            sizes.Add(LogEnd(store.File.Path));
        }

        var database = File.ReadAllBytes(store.File.Path);
        var log = File.ReadAllBytes(store.File.Path + "-wal")[..(int)sizes[^1]];
        // Every byte is asked for at night; here those around each page and some between.
        var step = Environment.GetEnvironmentVariable("SPASMSTREAM_NIGHTLY") == "1" ? 1 : 61;
        for (var cut = 1; cut <= 5_000; cut += step)
        {
            var whole = sizes.Count(size => size <= log.Length - cut);
            Assert.Equal(Enumerable.Range(0, whole).Select(i => $"{Some.Ms(i)}"),
                Opened(database, log[..^cut]));
        }

        Assert.InRange(sizes.Count(size => size <= log.Length - 5_000), 1, Commits - 1);
    }

    static IReadOnlyList<string> Opened(byte[] database, byte[] log)
    {
        using var torn = new TempStore();
        File.WriteAllBytes(torn.File.Path, database);
        File.WriteAllBytes(torn.File.Path + "-wal", log);
        torn.File.OpenWriter().Dispose();
        Assert.Equal("ok", torn.Row("PRAGMA quick_check"));
        return torn.Rows("SELECT t FROM sample ORDER BY t");
    }

    // The file may be longer: what was there before a log began anew.
    static long LogEnd(string path)
    {
        using var file = new FileStream(path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var log = new byte[file.Length];
        file.ReadExactly(log);
        var page = (int)BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(8));
        var salt = log.AsSpan(16, 8).ToArray();
        var end = LogHeader;
        for (var at = LogHeader; at + FrameHeader + page <= log.Length; at += FrameHeader + page)
        {
            if (!log.AsSpan(at + 8, 8).SequenceEqual(salt))
                break;
            if (BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(at + 4)) != 0)
                end = at + FrameHeader + page;
        }

        return end;
    }
}
