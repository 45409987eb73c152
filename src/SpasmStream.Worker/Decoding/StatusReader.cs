using NodaTime;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads <c>status</c>: the bare word or an object.</summary>
static class StatusReader
{
    static readonly string[] States = ["online", "offline"];

    /// <summary>Takes a payload that is one of the two words; any other should be JSON.</summary>
    public static bool ReadBare(DecodePass pass)
    {
        var payload = pass.Payload.Span;
        var isOnline = payload.SequenceEqual("online"u8);
        if (!isOnline && !payload.SequenceEqual("offline"u8))
            return false;
        pass.Status = new DeviceStatus(pass.Received, isOnline, null, null, null);
        pass.HasOwnInstant = false;
        return true;
    }

    public static void Read(ref MemberReader reader)
    {
        var common = default(CommonMembers);
        int? state = null;
        long? battery = null;
        bool? worn = null;
        bool? charging = null;
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.State:
                    reader.RefuseNull(member);
                    state = reader.Strict(member, States);
                    break;
                case Member.Battery:
                    battery = reader.Integer(member, 0, 100);
                    break;
                case Member.Worn:
                    worn = reader.Boolean(member);
                    break;
                case Member.Charging:
                    charging = reader.Boolean(member);
                    break;
                default:
                    if (!common.Read(member, ref reader))
                        reader.SkipUnknown(member);
                    break;
            }

        var pass = reader.Pass;
        if (!common.Holds(ref reader))
            return;
        if (state is null)
            reader.Fail(ReasonCode.Missing, Member.State);
        // A broker keeps the last status for as long as the device is away, so it is never too old.
        if (common.TimeMs is { } ms && pass.FaultOf(ms) is { } reason && reason != ReasonCode.TooOld)
            reader.Fail(reason, Member.T);
        if (reader.Fault is not null)
            return;

        var at = common.TimeMs is { } own ? Instant.FromUnixTimeMilliseconds(own) : pass.Received;
        pass.HasOwnInstant = common.TimeMs is not null;
        if (pass.Status is null || at >= pass.Status.At)
            pass.Status = new DeviceStatus(at, state == 0, (int?)battery, worn, charging);
    }
}
