using NodaTime;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads <c>diary/trigger</c>, <c>diary/medication</c> and <c>diary/state</c>.</summary>
static class DiaryReader
{
    const double MaxAmount = 1_000_000;

    static readonly string[] Classes = ["acute", "preventive"];
    static readonly string[] Drugs =
        ["triptan", "ergot", "opioid", "combination", "simple_analgesic", "nsaid", "gepant", "other"];

    public static void ReadTrigger(ref MemberReader reader)
    {
        var common = default(CommonMembers);
        string? type = null, unit = null, label = null, note = null;
        double? quantity = null, level = null;
        long? day = null;
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Type:
                    reader.RefuseNull(member);
                    type = reader.Word(member);
                    break;
                case Member.Qty:
                    quantity = reader.Number(member, 0, MaxAmount);
                    break;
                case Member.Unit:
                    unit = reader.Text(member);
                    break;
                case Member.Level:
                    level = reader.Number(member, 0, 10);
                    break;
                case Member.Day:
                    day = reader.Integer(member, 1, 366);
                    break;
                case Member.Label:
                    label = reader.Text(member);
                    break;
                case Member.Note:
                    note = reader.Note(member);
                    break;
                default:
                    SkipOther(member, ref common, ref reader);
                    break;
            }

        if (!common.Holds(ref reader) || common.RequireTime(ref reader) is not { } ms)
            return;
        if (type is null)
        {
            reader.Fail(ReasonCode.Missing, Member.Type);
            return;
        }

        Add(ref reader, ms, new Trigger
        {
            Id = common.Id ?? $"{type}@{ms}",
            Received = reader.Pass.Received,
            Revision = common.Revision,
            Note = note,
            At = Instant.FromUnixTimeMilliseconds(ms),
            Type = type,
            Quantity = quantity,
            Unit = unit,
            Level = level,
            Day = (int?)day,
            Label = label,
        });
    }

    public static void ReadMedication(ref MemberReader reader)
    {
        var common = default(CommonMembers);
        string? name = null, unit = null, episode = null, note = null;
        double? amount = null, effect = null;
        int? role = null, drug = null;
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Name:
                    reader.RefuseNull(member);
                    name = reader.Text(member);
                    break;
                case Member.Dose:
                    amount = reader.Number(member, 0, MaxAmount);
                    break;
                case Member.Unit:
                    unit = reader.Text(member);
                    break;
                case Member.Class:
                    role = reader.Strict(member, Classes);
                    break;
                case Member.Drug:
                    drug = reader.Strict(member, Drugs);
                    break;
                case Member.For:
                    episode = reader.Id(member);
                    break;
                case Member.Effect:
                    effect = reader.Number(member, 0, 10);
                    break;
                case Member.Note:
                    note = reader.Note(member);
                    break;
                default:
                    SkipOther(member, ref common, ref reader);
                    break;
            }

        if (!common.Holds(ref reader) || common.RequireTime(ref reader) is not { } ms)
            return;
        if (common.Id is null || string.IsNullOrWhiteSpace(name))
        {
            reader.Fail(ReasonCode.Missing, common.Id is null ? Member.Id : Member.Name);
            return;
        }

        Add(ref reader, ms, new Dose
        {
            Id = common.Id,
            Received = reader.Pass.Received,
            Revision = common.Revision,
            Note = note,
            At = Instant.FromUnixTimeMilliseconds(ms),
            Name = name,
            Amount = amount,
            Unit = unit,
            Class = role is { } r ? Classes[r] : null,
            Drug = drug is { } d ? Drugs[d] : null,
            For = episode,
            Effect = effect,
        });
    }

    public static void ReadState(ref MemberReader reader)
    {
        var common = default(CommonMembers);
        double? stress = null, mood = null, fatigue = null;
        string? note = null;
        while (reader.Next(out var member))
            switch (member)
            {
                case Member.Stress:
                    stress = reader.Number(member, 0, 10);
                    break;
                case Member.Mood:
                    mood = reader.Number(member, 0, 10);
                    break;
                case Member.Fatigue:
                    fatigue = reader.Number(member, 0, 10);
                    break;
                case Member.Note:
                    note = reader.Note(member);
                    break;
                default:
                    SkipOther(member, ref common, ref reader);
                    break;
            }

        if (!common.Holds(ref reader) || common.RequireTime(ref reader) is not { } ms)
            return;
        if (stress is null && mood is null && fatigue is null && note is null)
        {
            reader.Fail(ReasonCode.Missing, Member.Stress);
            return;
        }

        Add(ref reader, ms, new CheckIn
        {
            Id = common.Id ?? $"state@{ms}",
            Received = reader.Pass.Received,
            Revision = common.Revision,
            Note = note,
            At = Instant.FromUnixTimeMilliseconds(ms),
            Stress = stress,
            Mood = mood,
            Fatigue = fatigue,
        });
    }

    static void SkipOther(Member member, ref CommonMembers common, ref MemberReader reader)
    {
        if (!common.Read(member, ref reader))
            reader.SkipUnknown(member);
    }

    static void Add(ref MemberReader reader, long ms, DiaryEntry entry) =>
        reader.Pass.Add(new DecodedEntry(
            entry.Id, entry.Revision, Instant.FromUnixTimeMilliseconds(ms), entry,
            reader.ObjectBytes));
}
