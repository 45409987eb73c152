using System.Buffers.Binary;
using System.Text;

namespace SpasmStream.Worker.Decoding;

/// <summary>Every member of our own payloads; on the wire in lower case with underscores.</summary>
enum Member
{
    V, T, Q,
    Id, Op, T0, Tz, Dt,
    Rev, Dur, Src, Bpm, Min, Max, Sev, End, Day, Qty, For, Unc,
    Step, Stat, Type, Main, Waso, Note, None, Side, Aura, Name, Dose, Unit, Drug, Mood, Penn, Worn,
    Flags, Model, Steps, Total, Event, Count, Level, Label, Class, Onset, State,
    Wearer, Asleep, InBed, Stages, Logged, Region, Effect, Stress,
    Latency, Context, Fatigue, Battery,
    Symptoms, Charging, Severity, Frequency, Awakenings,
    N, Rr, Ctx, Met, Hex, Sdnn, Mean, Rmssd, Stage, Since, Anchor, Base64, Intensity,

    /// <summary>Any other name; must stay last, and the ones before it must fit a member set.</summary>
    Unknown,
}

/// <summary>The members an object has had so far.</summary>
struct MemberSet
{
    ulong _first;
    ulong _second;

    /// <summary>False when it was in already.</summary>
    public bool Add(Member member)
    {
        var bit = 1UL << (int)member;
        if ((int)member < 64)
        {
            var isNew = (_first & bit) == 0;
            _first |= bit;
            return isNew;
        }

        var isNewToo = (_second & bit) == 0;
        _second |= bit;
        return isNewToo;
    }
}

/// <summary>Finds a member by its name's bytes, and the name of a member.</summary>
static class MemberNames
{
    const int Slots = 256;

    static readonly string[] Names = [.. Enum.GetNames<Member>().Select(SnakeCase)];
    static readonly Slot[] Table = Fill();

    readonly record struct Slot(ulong Key, int Length, Member Member, byte[]? Name);

    /// <summary>The name on the wire.</summary>
    public static string Of(Member member) => Names[(int)member];

    /// <summary>The member of that name, else <see cref="Member.Unknown"/>.</summary>
    public static Member Find(ReadOnlySpan<byte> name)
    {
        var key = Pack(name);
        var table = Table;
        for (var i = Home(key); ; i = (i + 1) % Slots)
        {
            ref readonly var slot = ref table[i];
            if (slot.Name is null)
                return Member.Unknown;
            if (slot.Key == key && slot.Length == name.Length)
                return name.Length <= 8 || name.SequenceEqual(slot.Name) ? slot.Member : Member.Unknown;
        }
    }

    static Slot[] Fill()
    {
        var table = new Slot[Slots];
        for (var member = Member.V; member < Member.Unknown; member++)
        {
            var name = Encoding.UTF8.GetBytes(Of(member));
            var i = Home(Pack(name));
            while (table[i].Name is not null)
                i = (i + 1) % Slots;
            table[i] = new Slot(Pack(name), name.Length, member, name);
        }

        return table;
    }

    static int Home(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 56);

    /// <summary>Different for any two names of one length up to 8; longer ones may share it.</summary>
    static ulong Pack(ReadOnlySpan<byte> name) => name.Length switch
    {
        0 => 0,
        < 4 => (ulong)(name[0] | name[name.Length / 2] << 8 | name[^1] << 16),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(name)
            | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) << 32,
    };

    static string SnakeCase(string name) =>
        string.Concat(name
            .Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? $"_{c}" : $"{c}")).ToLowerInvariant();
}
