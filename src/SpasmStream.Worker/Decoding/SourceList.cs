using System.Text;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// The few sources one topic is fed from, so that a known one costs no new text and no new series.
/// </summary>
sealed class SourceList(string device)
{
    const int Kept = 16;

    static readonly byte[] NoName = [];

    readonly List<Source> _sources = [];

    public string Device { get; } = device;

    /// <summary>The source without a name.</summary>
    public Source Unnamed { get; } = new(NoName, "");

    /// <summary>The source whose name has these bytes; null when it is new here.</summary>
    public Source? Find(ReadOnlySpan<byte> utf8)
    {
        foreach (var source in _sources)
            if (utf8.SequenceEqual(source.Utf8))
                return source;
        return null;
    }

    /// <summary>
    /// Remembers a checked name; a sender that changes its name all the time is forgotten again.
    /// </summary>
    public Source Add(string name)
    {
        if (name.Length == 0)
            return Unnamed;
        if (_sources.Count == Kept)
            _sources.Clear();
        var source = new Source(Encoding.UTF8.GetBytes(name), name);
        _sources.Add(source);
        return source;
    }

    /// <summary>One source and its few series.</summary>
    internal sealed class Source(byte[] utf8, string name)
    {
        Series[] _series = [];

        public byte[] Utf8 { get; } = utf8;

        public string Name { get; } = name;

        /// <summary>Null when it has not been seen yet.</summary>
        public Series? Find(Signal signal, Stat stat)
        {
            foreach (var series in _series)
                if (series.Stat == stat && series.Signal == signal)
                    return series;
            return null;
        }

        public Series Add(Series series)
        {
            _series = [.. _series, series];
            return series;
        }
    }
}
