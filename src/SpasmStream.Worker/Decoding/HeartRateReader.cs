using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads <c>heart-rate</c>: <c>bpm</c>, with <c>min</c> and <c>max</c> of the same stretch beside it.
/// </summary>
static class HeartRateReader
{
    static readonly PlausibleRange Range = PlausibleRange.Of(Signal.HeartRate);

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        var shape = default(SampleShape);
        pass.ClearColumns();
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Bpm:
                    reader.Values(member, pass.First, counts: true);
                    break;
                case Member.Min:
                    reader.Values(member, pass.Second, counts: true);
                    break;
                case Member.Max:
                    reader.Values(member, pass.Third, counts: true);
                    break;
                default:
                    if (!common.Read(member, ref reader) && !shape.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader) || !shape.Fits(common, pass.First, Member.Bpm, ref reader)
            || DurationOf(common, shape, ref reader) is not { } durationMs || !AreAlike(shape, ref reader)
            || !shape.Check(common, pass.First, Member.Bpm, Range, 1, ref reader)
            || (pass.Second.Given && !shape.Check(common, pass.Second, Member.Min, Range, 1, ref reader))
            || (pass.Third.Given && !shape.Check(common, pass.Third, Member.Max, Range, 1, ref reader)))
            return;

        shape.Append(common, pass.First, Signal.HeartRate, shape.Stat ?? Stat.Raw, durationMs, Range, 1,
            pass);
        if (pass.Second.Given)
            shape.Append(common, pass.Second, Signal.HeartRate, Stat.Min, durationMs, Range, 1, pass);
        if (pass.Third.Given)
            shape.Append(common, pass.Third, Signal.HeartRate, Stat.Max, durationMs, Range, 1, pass);
        common.Keep(ref reader);
    }

    /// <summary>
    /// A value that stands for a stretch needs its length; a regular column says it by its step.
    /// </summary>
    static long? DurationOf(in CommonMembers common, in SampleShape shape, ref MemberReader reader)
    {
        var sums = shape.Stat is not null || reader.Pass.Second.Given || reader.Pass.Third.Given;
        var duration = common.DurationMs ?? (sums ? shape.StepMs : 0);
        if (duration is null)
            reader.Fail(ReasonCode.Missing, Member.Dur);
        else if (duration is < 0 or > SampleShape.MaxDurationMs)
            reader.Fail(ReasonCode.Range, Member.Dur);
        else
            return duration;
        return null;
    }

    /// <summary>
    /// Whether the columns beside <c>bpm</c> are as long, and no two say the same statistic.
    /// </summary>
    static bool AreAlike(in SampleShape shape, ref MemberReader reader)
    {
        var pass = reader.Pass;
        if (!pass.First.Admits(pass.Second) || !pass.First.Admits(pass.Third))
            reader.Fail(ReasonCode.Columns);
        else if (shape.Stat == Stat.Sum || (shape.Stat == Stat.Min && pass.Second.Given)
            || (shape.Stat == Stat.Max && pass.Third.Given))
            reader.Fail(ReasonCode.Range, Member.Stat);
        return reader.Fault is null;
    }
}
