using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads <c>steps</c>: how many were taken during each stretch, or how a running counter stood at an instant.
/// </summary>
static class StepsReader
{
    const double MinuteMs = 60_000;
    const long MaxCounterAgeMs = 3_653L * 86_400_000;

    static readonly PlausibleRange PerMinute = PlausibleRange.Of(Signal.Steps);
    static readonly PlausibleRange Counter = PlausibleRange.Of(Signal.StepCounter);
    static readonly PlausibleRange CounterSince = PlausibleRange.Of(Signal.StepCounterSince);

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        var shape = default(SampleShape);
        long? sinceMs = null;
        pass.ClearColumns();
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Steps:
                    reader.Values(member, pass.First, counts: true);
                    break;
                case Member.Total:
                    reader.Values(member, pass.Second, counts: true);
                    break;
                case Member.Since:
                    sinceMs = reader.TryInstant(member, out var ms, out _) ? ms : null;
                    break;
                default:
                    if (!common.Read(member, ref reader) && !shape.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader))
            return;
        if (!pass.Second.Given || (pass.First.Given && !pass.Second.IsSaid))
            AddSteps(common, shape, ref reader);
        else if (pass.First.IsSaid)
            reader.Fail(ReasonCode.Columns, "The steps of a stretch and a running total exclude each other.");
        else
            AddTotals(common, shape, sinceMs, ref reader);
    }

    static void AddSteps(in CommonMembers common, in SampleShape shape, ref MemberReader reader)
    {
        var pass = reader.Pass;
        if (!shape.Fits(common, pass.First, Member.Steps, ref reader)
            || DurationOf(common, shape, ref reader) is not { } durationMs
            || !shape.Check(common, pass.First, Member.Steps, PerMinute, MinuteMs / durationMs, ref reader))
            return;
        var perMinute = MinuteMs / durationMs;
        shape.Append(common, pass.First, Signal.Steps, Stat.Sum, durationMs, PerMinute, perMinute, pass);
        common.Keep(ref reader);
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

    static void AddTotals(
        in CommonMembers common, in SampleShape shape, long? sinceMs, ref MemberReader reader)
    {
        var pass = reader.Pass;
        if (common.DurationMs is not (null or 0))
            reader.Fail(ReasonCode.Range, Member.Dur);
        else if (shape.Stat is not (null or Stat.Last))
            reader.Fail(ReasonCode.Range, Member.Stat);
        if (reader.Fault is not null || !shape.Fits(common, pass.Second, Member.Total, ref reader)
            || !IsBefore(sinceMs, common, shape, ref reader)
            || !shape.Check(common, pass.Second, Member.Total, Counter, 1, ref reader))
            return;
        shape.Append(common, pass.Second, Signal.StepCounter, Stat.Last, 0, Counter, 1, pass);
        if (sinceMs is { } since)
        {
            FillSince(pass.Second, since, pass.Third);
            shape.Append(common, pass.Third, Signal.StepCounterSince, Stat.Last, 0, CounterSince, 1, pass);
        }

        common.Keep(ref reader);
    }

    /// <summary>Whether a counter that began then can have been read at the object's first instant.</summary>
    static bool IsBefore(
        long? sinceMs, in CommonMembers common, in SampleShape shape, ref MemberReader reader)
    {
        if (sinceMs is not { } since)
            return true;
        var readMs = reader.Pass.Second.IsArray ? shape.StartMs : common.RequireTime(ref reader);
        if (readMs is null)
            return false;
        if (since is < WireTime.Earliest or >= WireTime.Latest)
            reader.Fail(ReasonCode.Timestamp, Member.Since);
        else if (since > readMs || since < readMs - MaxCounterAgeMs)
            reader.Fail(ReasonCode.Interval, Member.Since);
        return reader.Fault is null;
    }

    /// <summary>Beside each total; also alone, when one object says that the total is not known.</summary>
    static void FillSince(Column totals, long sinceMs, Column column)
    {
        column.Begin(totals.IsArray);
        foreach (var total in totals.Values)
            column.Add(totals.IsArray && double.IsNaN(total) ? double.NaN : sinceMs);
    }
}
