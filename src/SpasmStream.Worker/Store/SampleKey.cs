using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>Where a sample lies in the file, and what it measured.</summary>
/// <param name="Series">The number of its series.</param>
/// <param name="Signal">The signal of the series.</param>
/// <param name="Start">Unix milliseconds.</param>
/// <param name="Duration">Milliseconds.</param>
readonly record struct SampleKey(long Series, Signal Signal, long Start, long Duration)
{
    /// <summary>A few bytes a key: those of one series are written as steps from one to the next.</summary>
    public static byte[] Pack(IReadOnlyCollection<SampleKey> keys)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var group in keys.Distinct().GroupBy(static key => (key.Series, key.Signal, key.Duration))
            .OrderBy(static group => group.Key))
        {
            writer.Write7BitEncodedInt64(group.Key.Series);
            writer.Write7BitEncodedInt((int)group.Key.Signal);
            writer.Write7BitEncodedInt64(group.Key.Duration);
            writer.Write7BitEncodedInt(group.Count());
            var last = 0L;
            foreach (var start in group.Select(static key => key.Start).Order())
            {
                writer.Write7BitEncodedInt64(start - last);
                last = start;
            }
        }

        return bytes.ToArray();
    }

    public static List<SampleKey> Unpack(byte[] packed)
    {
        using var bytes = new MemoryStream(packed);
        using var reader = new BinaryReader(bytes);
        var keys = new List<SampleKey>();
        while (bytes.Position < bytes.Length)
        {
            var series = reader.Read7BitEncodedInt64();
            var signal = (Signal)reader.Read7BitEncodedInt();
            var duration = reader.Read7BitEncodedInt64();
            var start = 0L;
            for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
                keys.Add(new SampleKey(series, signal, start += reader.Read7BitEncodedInt64(), duration));
        }

        return keys;
    }
}
