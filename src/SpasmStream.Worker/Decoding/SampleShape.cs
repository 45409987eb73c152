using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// How the values of one object lie in time, one or a column, and the way from values to samples.
/// </summary>
struct SampleShape
{
    /// <summary>The longest stretch one value may stand for: two days.</summary>
    public const long MaxDurationMs = 48 * 3_600_000;

    const long MaxStepMs = 86_400_000;
    const long MaxOffsetMs = WireTime.Latest;

    static readonly string[] StatWords = ["mean", "min", "max", "sum", "last"];

    long? _startMs;
    long? _stepMs;
    int? _offsetMinutes;

    /// <summary>What a value stands for, when the sender said so.</summary>
    public Stat? Stat;

    /// <summary>The words of the statistics, in the order of their numbers from 1.</summary>
    public static ReadOnlySpan<string> Words => StatWords;

    /// <summary>Where a column begins.</summary>
    public readonly long? StartMs => _startMs;

    /// <summary>Milliseconds from value to value of a regular column.</summary>
    public readonly long? StepMs => _stepMs;

    /// <summary>Takes the member when it is one of these.</summary>
    public bool Read(Member member, ref MemberReader reader)
    {
        switch (member)
        {
            case Member.T0:
                reader.RefuseNull(member);
                if (reader.TryInstant(member, out var ms, out _offsetMinutes))
                    _startMs = ms;
                return true;
            case Member.Step:
                _stepMs = reader.Integer(member, 1, MaxStepMs);
                return true;
            case Member.Dt:
                reader.Values(member, reader.Pass.Offsets, counts: false);
                return true;
            case Member.Stat:
                Stat = reader.Strict(member, StatWords) is { } word ? (Stat)(word + 1) : null;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether start and values fit each other, as one value or as columns.</summary>
    public readonly bool Fits(in CommonMembers common, Column values, Member member, ref MemberReader reader)
    {
        var offsets = reader.Pass.Offsets;
        if (!values.Given)
            reader.Fail(ReasonCode.Missing, member);
        else if (!values.IsArray && common.TimeMs is null && _startMs is null)
            reader.Fail(common.NoTime, Member.T);
        else if (!values.IsArray)
            return !IsColumn(offsets) || Refuse(ref reader);
        else if (values.Count == 0)
            reader.Fail(ReasonCode.Empty, member);
        else if (_startMs is null && common.TimeMs is null)
            reader.Fail(ReasonCode.Missing, Member.T0);
        else if (common.TimeMs is not null || (_stepMs is null) == !offsets.Given
            || (offsets.Given && (!offsets.IsArray || offsets.Count != values.Count)))
            return Refuse(ref reader);
        else
            return true;
        return false;
    }

    readonly bool IsColumn(Column offsets) => _startMs is not null || _stepMs is not null || offsets.Given;

    static bool Refuse(ref MemberReader reader)
    {
        reader.Fail(ReasonCode.Columns);
        return false;
    }

    /// <summary>Leaves NaN for what is no sample: gaps, impossible values, instants that cannot be.</summary>
    /// <param name="perUnit">What a value is multiplied with before it is compared with the range.</param>
    public readonly bool Check(
        in CommonMembers common, Column column, Member member, PlausibleRange range, double perUnit,
        ref MemberReader reader)
    {
        var pass = reader.Pass;
        var values = column.Values;
        var (least, most) = (range.PlausibleMin, range.PlausibleMax);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            // The gaps of a signal lie outside its plausible range.
            if ((value * perUnit >= least && value * perUnit <= most) || double.IsNaN(value))
                continue;
            if (range.IsGap(value))
                values[i] = double.NaN;
            else if (!range.IsPossible(value))
                column.Refuse(i, ReasonCode.Range + MemberNames.Of(member));
        }

        if (!column.IsArray)
        {
            if (column.Faults.Count > 0)
                reader.Fail(ReasonCode.Range, member);
            return common.RequireTime(ref reader) is not null && reader.Fault is null;
        }

        if (!IsWithinLimits(column.Count, pass))
            RefuseStarts(column, pass);
        foreach (var (position, reason) in column.Faults)
            pass.RefusePosition(position, reason);
        return true;
    }

    /// <summary>A regular column needs two looks, any other one at each value.</summary>
    readonly bool IsWithinLimits(int count, DecodePass pass) =>
        _stepMs is { } step && pass.FaultOf(_startMs!.Value) is null
        && pass.FaultOf(_startMs.Value + (count - 1) * step) is null;

    readonly void RefuseStarts(Column column, DecodePass pass)
    {
        for (var i = 0; i < column.Count; i++)
        {
            if (double.IsNaN(column.Values[i]))
                continue;
            if (_stepMs is null && !IsOffset(pass.Offsets, i, out var fault))
                column.Refuse(i, fault);
            else if (pass.FaultOf(StartOf(i, pass.Offsets)) is { } reason)
                column.Refuse(i, reason);
        }
    }

    static bool IsOffset(Column offsets, int i, out string fault)
    {
        var offset = offsets.Values[i];
        fault = (double.IsNaN(offset) ? ReasonCode.Type : ReasonCode.Range) + MemberNames.Of(Member.Dt);
        return offset is >= 0 and <= MaxOffsetMs && double.IsInteger(offset);
    }

    readonly long StartOf(int i, Column offsets) =>
        _startMs!.Value + (_stepMs is { } step ? i * step : (long)offsets.Values[i]);

    /// <summary>Adds the samples of a checked column to the result.</summary>
    public readonly void Append(
        in CommonMembers common, Column column, Signal signal, Stat stat, long durationMs,
        PlausibleRange range, double perUnit, DecodePass pass)
    {
        var values = column.Values;
        var kept = 0;
        foreach (var value in values)
            kept += double.IsNaN(value) ? 0 : 1;
        if (kept == 0)
            return;

        // The loop below is the hottest of the decoder: all that does not change is read once.
        var series = pass.SeriesOf(common.Source ?? pass.Topic.Sources.Unnamed, signal, stat);
        var offset = column.IsArray ? _offsetMinutes : common.OffsetMinutes;
        var duration = Duration.FromMilliseconds(durationMs);
        var (quality, flags, revision, received) = (common.Quality, common.Flags, common.Revision,
            pass.Received);
        var (least, most) = (range.PlausibleMin, range.PlausibleMax);
        var (startMs, stepMs) = column.IsArray ? (_startMs!.Value, _stepMs ?? 0) : (common.TimeMs!.Value, 0);
        var offsets = column.IsArray && _stepMs is null ? pass.Offsets.Values : default;
        var room = pass.Take(kept);
        // Copied for each sample, with what differs put in.
        var alike = new Sample
        {
            Series = series,
            Start = default,
            Value = default,
            Received = received,
            Duration = duration,
            Quality = quality,
            Flags = flags,
            OffsetMinutes = offset,
            Revision = revision,
        };
        for (int i = 0, at = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (double.IsNaN(value))
                continue;
            var ms = startMs + (offsets.IsEmpty ? i * stepMs : (long)offsets[i]);
            var rated = value * perUnit;
            room[at++] = alike with
            {
                Start = Instant.FromUnixTimeMilliseconds(ms),
                Value = value,
                Flags = rated >= least && rated <= most ? flags : flags | SampleFlags.Implausible,
            };
        }
    }
}
