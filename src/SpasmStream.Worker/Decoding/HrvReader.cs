using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads <c>hrv</c>: the variability of a window, as RMSSD, SDNN or both; one is never made of the other.
/// </summary>
static class HrvReader
{
    static readonly PlausibleRange Spread = PlausibleRange.Of(Signal.HrvRmssd);
    static readonly PlausibleRange Beats = PlausibleRange.Of(Signal.HrvBeats);

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        var shape = default(SampleShape);
        pass.ClearColumns();
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Rmssd:
                    reader.Values(member, pass.First, counts: true);
                    break;
                case Member.Sdnn:
                    reader.Values(member, pass.Second, counts: true);
                    break;
                case Member.N:
                    reader.Values(member, pass.Third, counts: true);
                    break;
                default:
                    if (!common.Read(member, ref reader) && !shape.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader) || !Fits(common, shape, ref reader)
            || DurationOf(common, shape, ref reader) is not { } durationMs)
            return;
        RefuseBrokenCounts(pass.Third);
        if (Holds(pass.First, Member.Rmssd, Spread, common, shape, ref reader)
            && Holds(pass.Second, Member.Sdnn, Spread, common, shape, ref reader)
            && Holds(pass.Third, Member.N, Beats, common, shape, ref reader))
        {
            shape.Append(common, pass.First, Signal.HrvRmssd, Stat.Raw, durationMs, Spread, 1, pass);
            shape.Append(common, pass.Second, Signal.HrvSdnn, Stat.Raw, durationMs, Spread, 1, pass);
            shape.Append(common, pass.Third, Signal.HrvBeats, Stat.Raw, durationMs, Beats, 1, pass);
            common.Keep(ref reader);
        }
    }

    static bool Fits(in CommonMembers common, in SampleShape shape, ref MemberReader reader)
    {
        var pass = reader.Pass;
        var (column, member) = pass.First.Given || !pass.Second.Given
            ? (pass.First, Member.Rmssd) : (pass.Second, Member.Sdnn);
        if (!shape.Fits(common, column, member, ref reader))
            return false;
        if (!column.Admits(pass.Second) || !column.Admits(pass.Third))
            reader.Fail(ReasonCode.Columns);
        return reader.Fault is null;
    }

    /// <summary>A variability without its window says nothing.</summary>
    static long? DurationOf(in CommonMembers common, in SampleShape shape, ref MemberReader reader)
    {
        var duration = common.DurationMs ?? shape.StepMs;
        if (duration is null)
            reader.Fail(ReasonCode.Missing, Member.Dur);
        else if (duration is <= 0 or > SampleShape.MaxDurationMs)
            reader.Fail(ReasonCode.Range, Member.Dur);
        else if (shape.Stat is not null)
            reader.Fail(ReasonCode.Range, Member.Stat);
        else
            return duration;
        return null;
    }

    static void RefuseBrokenCounts(Column beats)
    {
        for (var i = 0; i < beats.Count; i++)
            if (!double.IsNaN(beats.Values[i]) && !double.IsInteger(beats.Values[i]))
                beats.Refuse(i, ReasonCode.Range + MemberNames.Of(Member.N));
    }

    static bool Holds(
        Column column, Member member, PlausibleRange range, in CommonMembers common, in SampleShape shape,
        ref MemberReader reader) =>
        !column.Given || shape.Check(common, column, member, range, 1, ref reader);
}
