using System.Text;

namespace SpasmStream.Worker.Commands;

/// <summary>A file in which a text was found.</summary>
/// <param name="File">Its path inside the searched folder.</param>
/// <param name="Text">The text.</param>
/// <param name="Hits">How often.</param>
sealed record LeftOver(string File, string Text, long Hits);

/// <summary>Looks for texts, byte for byte, in every file of a folder, whatever the file is.</summary>
sealed class LeftOverSearch
{
    const int Chunk = 1 << 20;

    readonly string[] _texts;
    readonly byte[][] _bytes;
    readonly int _longest;

    public LeftOverSearch(params IEnumerable<string> texts)
    {
        _texts = [.. texts];
        _bytes = [.. _texts.Select(Encoding.UTF8.GetBytes)];
        _longest = _bytes.Max(text => text.Length);
    }

    /// <summary>The files with a hit, folders below included.</summary>
    public IReadOnlyList<LeftOver> In(string folder)
    {
        var found = new List<LeftOver>();
        // What is empty holds nothing, and may be a lock that is held.
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path).Length > 0).Order())
        {
            var hits = HitsIn(path);
            for (var i = 0; i < hits.Length; i++)
                if (hits[i] > 0)
                    found.Add(new LeftOver(Path.GetRelativePath(folder, path), _texts[i], hits[i]));
        }

        return found;
    }

    long[] HitsIn(string path)
    {
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        var buffer = new byte[Chunk + _longest];
        var hits = new long[_bytes.Length];
        // What may be the beginning of a text at the end of a chunk is looked at again with the next.
        for (var kept = 0; ;)
        {
            var read = file.ReadAtLeast(buffer.AsSpan(kept, Chunk), Chunk, throwOnEndOfStream: false);
            if (read == 0)
                return hits;
            var filled = kept + read;
            for (var i = 0; i < hits.Length; i++)
                hits[i] += Count(buffer.AsSpan(0, filled), _bytes[i], kept);
            kept = Math.Min(_longest - 1, filled);
            buffer.AsSpan(filled - kept, kept).CopyTo(buffer);
        }
    }

    /// <summary>Hits that end after what was looked at before.</summary>
    static long Count(ReadOnlySpan<byte> bytes, byte[] text, int before)
    {
        var hits = 0L;
        for (var at = 0; bytes[at..].IndexOf(text) is >= 0 and var next; at += next + 1)
            if (at + next + text.Length > before)
                hits++;
        return hits;
    }
}
