using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads <c>steps</c>: how many were taken during each stretch, never a running counter.</summary>
static class StepsReader
{
    const double MinuteMs = 60_000;

    static readonly PlausibleRange PerMinute = PlausibleRange.Of(Signal.Steps);

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        var shape = default(SampleShape);
        var isCounter = false;
        pass.ClearColumns();
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Steps:
                    reader.Values(member, pass.Values, counts: true);
                    break;
                case Member.Total:
                    isCounter = true;
                    reader.Number(member, double.NegativeInfinity, double.PositiveInfinity);
                    break;
                default:
                    if (!common.Read(member, ref reader) && !shape.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader))
            return;
        if (isCounter)
        {
            reader.Fail(ReasonCode.Unsupported,
                "Running counters are not supported yet; send the steps of a stretch.");
            return;
        }

        if (!shape.Fits(common, pass.Values, Member.Steps, ref reader)
            || DurationOf(common, shape, ref reader) is not { } durationMs
            || !shape.Check(common, pass.Values, Member.Steps, PerMinute, MinuteMs / durationMs, ref reader))
            return;
        var perMinute = MinuteMs / durationMs;
        shape.Append(common, pass.Values, Signal.Steps, Stat.Sum, durationMs, PerMinute, perMinute, pass);
    }

    static long? DurationOf(in CommonMembers common, in SampleShape shape, ref MemberReader reader)
    {
        var duration = common.DurationMs ?? shape.StepMs;
        if (duration is null)
            reader.Fail(ReasonCode.Missing, Member.Dur);
        else if (duration is <= 0 or > SampleShape.MaxDurationMs)
            reader.Fail(ReasonCode.Range, Member.Dur);
        else if (shape.Stat is not (null or Stat.Sum))
            reader.Fail(ReasonCode.Range, Member.Stat);
        else
            return duration;
        return null;
    }
}
