using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>Places intervals between heartbeats in time and makes samples of them.</summary>
static class RrIntervals
{
    static readonly PlausibleRange Range = PlausibleRange.Of(Signal.RrInterval);

    /// <summary>The length of an interval to the millisecond.</summary>
    public static long WholeMs(double length) => (long)Math.Round(length);

    /// <summary>Leaves NaN for gaps and for what no heart does.</summary>
    public static void Check(Column lengths)
    {
        for (var i = 0; i < lengths.Count; i++)
        {
            var length = lengths.Values[i];
            if (double.IsNaN(length))
                continue;
            if (Range.IsGap(length))
                lengths.Values[i] = double.NaN;
            else if (!Range.IsPossible(length))
                lengths.Refuse(i, ReasonCode.Range + MemberNames.Of(Member.Rr));
        }
    }

    /// <summary>
    /// Each begins where the one before it ends. Beyond a refused one nothing can be placed any more.
    /// </summary>
    /// <param name="lengths">The intervals, checked, in milliseconds.</param>
    /// <param name="anchorMs">The beat that opens the first, or closes the last.</param>
    /// <param name="fromLast">Which of the two it is.</param>
    /// <param name="starts">Takes the opening beat of each in Unix ms; NaN where there is none.</param>
    public static void Chain(Column lengths, long anchorMs, bool fromLast, Column starts)
    {
        for (var i = 0; i < lengths.Count; i++)
            starts.Add(double.NaN);
        // Summed exactly and rounded once for each beat, else the error would grow with the chain.
        var passed = 0.0;
        var isBroken = false;
        for (var k = 0; k < lengths.Count; k++)
        {
            var i = fromLast ? lengths.Count - 1 - k : k;
            var length = lengths.Values[i];
            if (double.IsNaN(length))
            {
                isBroken = true;
            }
            else if (isBroken)
            {
                lengths.Refuse(i, ReasonCode.Missing + MemberNames.Of(Member.Dt));
            }
            else
            {
                starts.Values[i] = anchorMs + Math.Round(fromLast ? -(passed + length) : passed);
                passed += length;
            }
        }
    }

    /// <summary>Each ends where its offset from the anchor says.</summary>
    public static void Place(Column lengths, Column ends, long anchorMs, bool fromLast, Column starts)
    {
        for (var i = 0; i < lengths.Count; i++)
        {
            var (length, end) = (lengths.Values[i], ends.Values[i]);
            starts.Add(double.NaN);
            if (double.IsNaN(length))
                continue;
            if (double.IsNaN(end))
                lengths.Refuse(i, ReasonCode.Type + MemberNames.Of(Member.Dt));
            else if (!double.IsInteger(end) || (fromLast ? -end : end) is < 0 or > WireTime.Latest)
                lengths.Refuse(i, ReasonCode.Range + MemberNames.Of(Member.Dt));
            else
                starts.Values[i] = anchorMs + end - WholeMs(length);
        }
    }

    /// <summary>Refuses what cannot have happened when it is said to have.</summary>
    public static void Judge(Column lengths, Column starts, DecodePass pass)
    {
        for (var i = 0; i < lengths.Count; i++)
            if (!double.IsNaN(lengths.Values[i]))
            {
                var start = (long)starts.Values[i];
                if ((pass.FaultOf(start) ?? pass.FaultOf(start + WholeMs(lengths.Values[i]))) is { } fault)
                    lengths.Refuse(i, fault);
            }
    }

    /// <summary>Adds the samples of judged intervals to the result.</summary>
    public static void Append(
        in CommonMembers common, int? offsetMinutes, Column lengths, Column starts, DecodePass pass)
    {
        var kept = 0;
        foreach (var length in lengths.Values)
            kept += double.IsNaN(length) ? 0 : 1;
        if (kept == 0)
            return;

        var series = pass.SeriesOf(
            common.Source ?? pass.Topic.Sources.Unnamed, Signal.RrInterval, Stat.Raw);
        var room = pass.Take(kept);
        for (int i = 0, at = 0; i < lengths.Count; i++)
        {
            var length = lengths.Values[i];
            if (double.IsNaN(length))
                continue;
            room[at++] = new Sample
            {
                Series = series,
                Start = Instant.FromUnixTimeMilliseconds((long)starts.Values[i]),
                Duration = Duration.FromMilliseconds(WholeMs(length)),
                Value = length,
                Received = pass.Received,
                Quality = common.Quality,
                Flags = Range.IsPlausible(length) ? common.Flags : common.Flags | SampleFlags.Implausible,
                OffsetMinutes = offsetMinutes,
                Revision = common.Revision,
            };
        }
    }
}
