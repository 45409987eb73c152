using System.Buffers;
using System.Buffers.Binary;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Reads <c>raw2a37</c>: the bytes of Bluetooth's heart rate measurement, bare or as text in an object.
/// </summary>
static class Raw2A37Reader
{
    // The longest value an attribute can have.
    const int MaxBytes = 512;
    const int MaxHexLength = MaxBytes * 3;

    const int WideRate = 0x01;
    const int Contact = 0x02;
    const int ContactKnown = 0x04;
    const int Energy = 0x08;
    const int Intervals = 0x10;
    const int Reserved = 0xE0;

    static readonly PlausibleRange Rate = PlausibleRange.Of(Signal.HeartRate);

    /// <summary>Takes every payload that is no JSON; its time is the receipt.</summary>
    public static bool ReadBare(DecodePass pass)
    {
        var payload = pass.Payload.Span;
        if (IsJson(payload))
            return false;
        var common = new CommonMembers { TimeMs = pass.Received.ToUnixTimeMilliseconds() };
        pass.HasOwnInstant = false;
        pass.CountItem();
        if (Append(common, common.TimeMs.Value, payload, pass) is { } reason)
            pass.RefuseObject(reason, ReasonCode.Explain(reason));
        return true;
    }

    public static void Read(ref MemberReader reader)
    {
        var common = default(CommonMembers);
        string? hex = null;
        string? base64 = null;
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Hex:
                    hex = reader.Encoded(member, MaxHexLength);
                    break;
                case Member.Base64:
                    base64 = reader.Encoded(member, MaxHexLength);
                    break;
                default:
                    if (!common.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        if (!common.Holds(ref reader) || common.RequireTime(ref reader) is not { } ms)
            return;
        if (hex is null && base64 is null)
            reader.Fail(ReasonCode.Missing, Member.Hex);
        else if (hex is not null && base64 is not null)
            reader.Fail(ReasonCode.Raw2A37, "hex and base64 exclude each other.");
        else if (BytesOf(hex, base64) is not { } bytes)
            reader.Fail(ReasonCode.Raw2A37, "The text is not hexadecimal, or not base64.");
        else if (Append(common, ms, bytes, reader.Pass) is { } reason)
            reader.Fail(reason);
        else
            common.Keep(ref reader);
    }

    /// <summary>
    /// A brace or bracket is no flags byte, for its highest bits are reserved. A line feed or tab before it
    /// could be one, but what begins so has no more than five bytes.
    /// </summary>
    static bool IsJson(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        var text = payload.StartsWith(mark) ? payload[mark.Length..] : payload;
        return text.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]
            && (payload[0] >= ' ' || payload.Length > 5);
    }

    static byte[]? BytesOf(string? hex, string? base64)
    {
        var bytes = new byte[MaxHexLength];
        if (base64 is not null)
            return Convert.TryFromBase64String(base64, bytes, out var count) ? bytes[..count] : null;
        var digits = hex!.Replace(" ", "").Replace(":", "").Replace("-", "");
        var done = Convert.FromHexString(digits, bytes, out _, out var written) == OperationStatus.Done;
        return done ? bytes[..written] : null;
    }

    /// <summary>Adds the rate and the intervals; the answer is why all of it is refused, if it is.</summary>
    static string? Append(in CommonMembers common, long ms, ReadOnlySpan<byte> bytes, DecodePass pass)
    {
        pass.ClearColumns();
        if (bytes.Length > MaxBytes || !TryParse(bytes, out var rate, out var isOff, pass.First))
            return ReasonCode.Raw2A37;
        if (!Rate.IsGap(rate) && !Rate.IsPossible(rate))
            return ReasonCode.Range + MemberNames.Of(Member.Bpm);
        if (!pass.CountItem(pass.First.Count))
            return ReasonCode.BatchSize;

        var said = common;
        if (isOff)
            said.Flags |= SampleFlags.OffSkin;
        if (!Rate.IsGap(rate))
            AppendRate(said, ms, rate, pass);
        RrIntervals.Check(pass.First);
        RrIntervals.Chain(pass.First, ms, fromLast: true, pass.Second);
        RrIntervals.Judge(pass.First, pass.Second, pass);
        foreach (var (position, reason) in pass.First.Faults)
            pass.RefusePosition(position, reason);
        RrIntervals.Append(said, said.OffsetMinutes, pass.First, pass.Second, pass);
        return null;
    }

    static void AppendRate(in CommonMembers common, long ms, double rate, DecodePass pass) =>
        pass.Take(1)[0] = new Sample
        {
            Series = pass.SeriesOf(
                common.Source ?? pass.Topic.Sources.Unnamed, Signal.HeartRate, Stat.Raw),
            Start = Instant.FromUnixTimeMilliseconds(ms),
            Value = rate,
            Received = pass.Received,
            Quality = common.Quality,
            Flags = Rate.IsPlausible(rate) ? common.Flags : common.Flags | SampleFlags.Implausible,
            OffsetMinutes = common.OffsetMinutes,
            Revision = common.Revision,
        };

    /// <summary>False unless the flags are legal and every byte has its place.</summary>
    static bool TryParse(ReadOnlySpan<byte> bytes, out double rate, out bool isOff, Column intervals)
    {
        rate = 0;
        isOff = false;
        if (bytes.IsEmpty || (bytes[0] & Reserved) != 0)
            return false;
        var flags = bytes[0];
        var rateLength = (flags & WideRate) != 0 ? 2 : 1;
        var at = 1 + rateLength + ((flags & Energy) != 0 ? 2 : 0);
        if (bytes.Length < at)
            return false;

        rate = rateLength == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]) : bytes[1];
        isOff = (flags & ContactKnown) != 0 && (flags & Contact) == 0;
        var rest = bytes[at..];
        intervals.Begin(isArray: true);
        // The unit is 1/1024 s.
        for (var i = 0; (flags & Intervals) != 0 && i + 1 < rest.Length; i += 2)
            intervals.Add(BinaryPrimitives.ReadUInt16LittleEndian(rest[i..]) * 1000.0 / 1024);
        return intervals.Count * 2 == rest.Length;
    }
}
