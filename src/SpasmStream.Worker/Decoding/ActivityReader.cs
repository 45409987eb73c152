using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads <c>activity</c>: one bout as a device summed it up.</summary>
static class ActivityReader
{
    const double MaxMet = 100;

    static readonly PlausibleRange HeartRate = PlausibleRange.Of(Signal.HeartRate);
    static readonly string[] Intensities = ["sedentary", "light", "moderate", "vigorous"];

    readonly record struct Rates(double? Min, double? Mean, double? Max);

    public static void Read(ref MemberReader reader)
    {
        var common = default(CommonMembers);
        string? type = null;
        ActivityIntensity? intensity = null;
        double? met = null;
        var rates = default(Rates);
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Type:
                    type = reader.Text(member);
                    break;
                case Member.Intensity:
                    intensity = (ActivityIntensity?)reader.Strict(member, Intensities);
                    break;
                case Member.Met:
                    met = reader.Number(member, 0, MaxMet);
                    break;
                case Member.Bpm:
                    rates = ReadRates(ref reader);
                    break;
                default:
                    if (!common.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader) || TimesOf(common, ref reader) is not { } times)
            return;
        reader.Pass.Add(Entry(new ActivityBout
        {
            Device = reader.Pass.Topic.Device,
            Id = common.Id ?? DerivedId(times.Start, type),
            Start = times.Start,
            End = times.End,
            Received = reader.Pass.Received,
            Revision = common.Revision,
            Type = type,
            Intensity = intensity,
            Met = met,
            HeartRateMin = rates.Min,
            HeartRateMean = rates.Mean,
            HeartRateMax = rates.Max,
        }, reader.ObjectBytes));
    }

    static DecodedEntry Entry(ActivityBout bout, ReadOnlyMemory<byte> json) =>
        new(bout.Id, bout.Revision, bout.Start, bout, json);

    static string DerivedId(Instant start, string? type) =>
        $"t{start.ToUnixTimeMilliseconds()}" + (type is null ? "" : $"-{type}");

    static Interval? TimesOf(in CommonMembers common, ref MemberReader reader)
    {
        if (common.DurationMs is null)
            reader.Fail(ReasonCode.Missing, Member.Dur);
        else if (common.DurationMs is <= 0 or > SampleShape.MaxDurationMs)
            reader.Fail(ReasonCode.Interval, Member.Dur);
        if (common.RequireTime(ref reader) is not { } startMs || reader.Fault is not null)
            return null;

        var endMs = startMs + common.DurationMs!.Value;
        if (reader.Pass.FaultOf(endMs) is ReasonCode.Future or ReasonCode.Timestamp)
        {
            reader.Fail(ReasonCode.Future, Member.Dur);
            return null;
        }

        return new Interval(
            Instant.FromUnixTimeMilliseconds(startMs), Instant.FromUnixTimeMilliseconds(endMs));
    }

    static Rates ReadRates(ref MemberReader reader)
    {
        if (!reader.Expect(JsonTokenType.StartObject, Member.Bpm))
            return default;
        var rates = default(Rates);
        var outer = reader.BeginNested();
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Min:
                    rates = rates with { Min = ReadRate(member, ref reader) };
                    break;
                case Member.Mean:
                    rates = rates with { Mean = ReadRate(member, ref reader) };
                    break;
                case Member.Max:
                    rates = rates with { Max = ReadRate(member, ref reader) };
                    break;
                default:
                    reader.SkipUnknown(member);
                    break;
            }
        reader.EndNested(outer);
        return rates;
    }

    /// <summary>What a device sends for no reading is as if it were not there.</summary>
    static double? ReadRate(Member member, ref MemberReader reader)
    {
        if (reader.Number(member, double.NegativeInfinity, double.PositiveInfinity) is not { } rate
            || HeartRate.IsGap(rate))
            return null;
        if (HeartRate.IsPossible(rate))
            return rate;
        reader.Fail(ReasonCode.Range, member);
        return null;
    }
}
