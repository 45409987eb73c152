using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>The members that every object may have, whatever it is about.</summary>
struct CommonMembers
{
    const int Known = 1;
    const long MaxDurationMs = WireTime.Latest;

    static readonly string[] Operations = ["upsert", "delete"];
    static readonly string[] Contexts = ["sleep"];
    static readonly string[] FlagWords =
        ["off_skin", "moving", "estimated", "manual", "provisional", "historical", "imputed"];

    bool _hasVersion;
    bool _isLater;
    bool _isDelete;
    bool _isTimeNull;

    public string? Id;
    public int Revision;
    public long? TimeMs;
    public int? OffsetMinutes;
    public long? DurationMs;
    public string? Zone;
    public SourceList.Source? Source;
    public double? Quality;
    public SampleFlags Flags;

    /// <summary>Why an object without an instant is refused where it needs one.</summary>
    public readonly string NoTime => _isTimeNull ? ReasonCode.Type : ReasonCode.Missing;

    /// <summary>The words of the flags, in the order of their bits.</summary>
    public static ReadOnlySpan<string> Words => FlagWords;

    /// <summary>Takes the member when it is one of these.</summary>
    public bool Read(Member member, ref MemberReader reader)
    {
        switch (member)
        {
            case Member.V:
                ReadVersion(ref reader);
                return true;
            case Member.T:
                _isTimeNull = reader.Token == JsonTokenType.Null;
                if (reader.TryInstant(member, out var ms, out OffsetMinutes))
                    TimeMs = ms;
                return true;
            case Member.Dur:
                DurationMs = reader.Integer(member, -MaxDurationMs, MaxDurationMs);
                return true;
            case Member.Q:
                Quality = reader.Number(member, 0, 1);
                return true;
            case Member.Src:
                Source = ReadSource(ref reader);
                return true;
            case Member.Flags:
                ReadFlags(ref reader);
                return true;
            case Member.Ctx:
                ReadContext(ref reader);
                return true;
            case Member.Id:
                Id = reader.Id(member);
                return true;
            case Member.Rev:
                Revision = (int)(reader.Integer(member, 0, int.MaxValue) ?? 0);
                return true;
            case Member.Op:
                _isDelete = reader.Strict(member, Operations) == 1;
                return true;
            case Member.Tz:
                Zone = ReadZone(ref reader);
                return true;
            case Member.Model:
                reader.CheckText(member);
                return true;
            case Member.Wearer:
                ReadWearer(ref reader);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// At the object's end: whether its kind may look at the rest; taking something back ends here.
    /// </summary>
    public readonly bool Holds(ref MemberReader reader)
    {
        if (_isLater)
            reader.FailFirst(ReasonCode.Version, ReasonCode.Explain(ReasonCode.Version));
        else if (!_hasVersion)
            reader.Fail(ReasonCode.Missing, Member.V);
        if (_isDelete && reader.Fault is null)
            Withdraw(ref reader);
        return reader.Fault is null && !_isDelete;
    }

    /// <summary>The samples of an object with an id can be replaced and taken back together.</summary>
    public readonly void Keep(ref MemberReader reader)
    {
        if (Id is { } id)
            reader.Pass.AddFact(id, Revision, reader.ObjectBytes);
    }

    /// <summary>The instant of an object that must have one, judged; null refuses the object.</summary>
    public readonly long? RequireTime(ref MemberReader reader)
    {
        if (TimeMs is not { } ms)
            reader.Fail(NoTime, Member.T);
        else if (reader.Pass.FaultOf(ms) is { } reason)
            reader.Fail(reason, Member.T);
        else
            return ms;
        return null;
    }

    readonly void Withdraw(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var kind = pass.Topic.Kind;
        if (kind.Makes == Makes.Status)
            reader.Fail(ReasonCode.Range, Member.Op);
        else if (Id is not { } id)
            reader.Fail(ReasonCode.Missing, Member.Id);
        else if (kind.Makes == Makes.Samples)
            pass.AddWithdrawal(id, Revision, reader.ObjectBytes);
        else
            pass.Add(new DecodedEntry(id, Revision, pass.Received,
                new Withdrawal(pass.Topic.Device, kind.Name, id, Revision, pass.Received),
                reader.ObjectBytes));
    }

    void ReadVersion(ref MemberReader reader)
    {
        reader.RefuseNull(Member.V);
        if (reader.Integer(Member.V, Known, long.MaxValue) is not { } version)
            return;
        _hasVersion = true;
        _isLater = version > Known;
    }

    static SourceList.Source? ReadSource(ref MemberReader reader)
    {
        if (reader.Token != JsonTokenType.String)
        {
            reader.Expect(JsonTokenType.String, Member.Src);
            return null;
        }

        var sources = reader.Pass.Topic.Sources;
        if (sources.Find(reader.RawBytes()) is { } known)
            return known;
        return reader.Text(Member.Src) is { } name ? sources.Add(name) : null;
    }

    void ReadFlags(ref MemberReader reader)
    {
        if (!reader.Expect(JsonTokenType.StartArray, Member.Flags))
            return;
        while (reader.Read() && reader.Token != JsonTokenType.EndArray)
        {
            reader.RefuseNull(Member.Flags);
            var choice = reader.Choice(Member.Flags, FlagWords);
            if (choice >= 0)
                Flags |= (SampleFlags)(1 << choice);
            else
                reader.Pass.UnknownMembers++;
        }
    }

    void ReadContext(ref MemberReader reader)
    {
        if (!reader.Expect(JsonTokenType.String, Member.Ctx))
            return;
        if (reader.Choice(Member.Ctx, Contexts) == 0)
            Flags |= SampleFlags.Asleep;
        else
            reader.Pass.UnknownMembers++;
    }

    // A zone nobody knows must not cost the wearer the night.
    static string? ReadZone(ref MemberReader reader)
    {
        if (reader.Text(Member.Tz) is not { } zone)
            return null;
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null)
            return zone;
        reader.Pass.UnknownMembers++;
        return null;
    }

    static void ReadWearer(ref MemberReader reader)
    {
        if (reader.Text(Member.Wearer) is { } wearer && wearer != reader.Pass.Topic.WearerText)
            reader.Pass.RefuseAll(ReasonCode.WearerMismatch,
                "The payload names another wearer than its topic.");
    }
}
