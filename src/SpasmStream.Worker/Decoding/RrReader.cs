namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads <c>rr</c>: intervals between heartbeats, one after the other from a beat that is known, or each with
/// its end.
/// </summary>
static class RrReader
{
    static readonly string[] Anchors = ["first", "last"];

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        long? columnMs = null;
        int? columnOffset = null;
        var fromLast = false;
        pass.ClearColumns();
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.T0:
                    reader.RefuseNull(member);
                    columnMs = reader.TryInstant(member, out var ms, out columnOffset) ? ms : null;
                    break;
                case Member.Rr:
                    reader.Values(member, pass.First, counts: true);
                    break;
                case Member.Dt:
                    reader.Values(member, pass.Offsets, counts: false);
                    break;
                case Member.Anchor:
                    fromLast = reader.Strict(member, Anchors) == 1;
                    break;
                default:
                    if (!common.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader) || AnchorOf(common, columnMs, ref reader) is not { } anchorMs
            || !Fits(ref reader))
            return;
        Add(common, anchorMs, columnMs is null ? common.OffsetMinutes : columnOffset, fromLast, ref reader);
    }

    static long? AnchorOf(in CommonMembers common, long? columnMs, ref MemberReader reader)
    {
        if (!reader.Pass.First.Given)
            reader.Fail(ReasonCode.Missing, Member.Rr);
        else if (columnMs is not null && common.TimeMs is not null)
            reader.Fail(ReasonCode.Columns, "t and t0 exclude each other.");
        else if ((columnMs ?? common.TimeMs) is { } anchorMs)
            return anchorMs;
        else
            reader.Fail(common.NoTime, reader.Pass.First.IsArray ? Member.T0 : Member.T);
        return null;
    }

    /// <summary>Whether the ends fit the intervals, and are there where a gap breaks the chain.</summary>
    static bool Fits(ref MemberReader reader)
    {
        var (lengths, ends) = (reader.Pass.First, reader.Pass.Offsets);
        if (lengths.IsArray && lengths.Count == 0)
            reader.Fail(ReasonCode.Empty, Member.Rr);
        else if (ends.Given && (!lengths.IsArray || !lengths.Admits(ends)))
            reader.Fail(ReasonCode.Columns);
        else if (!ends.Given && HasGap(lengths))
            reader.Fail(ReasonCode.Missing, Member.Dt);
        return reader.Fault is null;
    }

    // A refused position is no gap: it costs itself and what lies behind it.
    static bool HasGap(Column lengths)
    {
        var gaps = lengths.IsArray ? -lengths.Faults.Count : -1;
        foreach (var length in lengths.Values)
            gaps += double.IsNaN(length) ? 1 : 0;
        return gaps > 0;
    }

    static void Add(
        in CommonMembers common, long anchorMs, int? offsetMinutes, bool fromLast, ref MemberReader reader)
    {
        var pass = reader.Pass;
        var (lengths, starts) = (pass.First, pass.Second);
        RrIntervals.Check(lengths);
        if (pass.Offsets.Given)
            RrIntervals.Place(lengths, pass.Offsets, anchorMs, fromLast, starts);
        else
            RrIntervals.Chain(lengths, anchorMs, fromLast, starts);
        RrIntervals.Judge(lengths, starts, pass);
        if (!lengths.IsArray && lengths.Faults is [(_, var only), ..])
        {
            reader.Fail(only);
            return;
        }

        foreach (var (position, reason) in lengths.Faults)
            pass.RefusePosition(position, reason);
        RrIntervals.Append(common, offsetMinutes, lengths, starts, pass);
        common.Keep(ref reader);
    }
}
