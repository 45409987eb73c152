using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads <c>diary/episode</c>: an attack or spasm, or that a day had none.</summary>
static class EpisodeReader
{
    const long MaxUncertaintyMs = 7 * 86_400_000;
    const int MaxCount = 100_000;

    static readonly string[] Types = ["migraine", "aura", "tension", "cluster", "spasm", "seizure", "other"];
    static readonly string[] Onsets = ["exact", "approx", "on_waking", "day_only"];
    static readonly string[] Regions = ["neck_shoulder", "jaw", "back", "calf_foot", "other"];

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        var draft = default(Draft);
        while (reader.Next(out var member))
            if (!common.Read(member, ref reader) && !draft.Read(member, ref reader)
                && !draft.ReadDetail(member, ref reader))
                reader.SkipUnknown(member);

        if (!common.Holds(ref reader) || draft.Finish(common, ref reader) is not { } entry)
            return;
        pass.Add(new DecodedEntry(
            entry.Id, entry.Revision, draft.At(common), entry, reader.ObjectBytes));
    }

    /// <summary>The members of an episode as they come.</summary>
    struct Draft
    {
        EpisodeType? _type;
        OnsetCertainty? _onset;
        LocalDate? _day;
        long? _endMs;
        long? _loggedMs;
        Duration? _uncertainty;
        bool _isNone;
        double? _severity;
        bool? _aura;
        string? _side;
        List<string>? _symptoms;
        SpasmRegion? _region;
        List<string>? _context;
        long? _count;
        PennScale? _penn;
        string? _note;

        /// <summary>The members that say what and when.</summary>
        public bool Read(Member member, ref MemberReader reader)
        {
            switch (member)
            {
                case Member.Type:
                    reader.RefuseNull(member);
                    _type = (EpisodeType?)reader.Strict(member, Types);
                    return true;
                case Member.Onset:
                    _onset = (OnsetCertainty?)reader.Strict(member, Onsets);
                    return true;
                case Member.Day:
                    _day = reader.Date(member);
                    return true;
                case Member.End:
                    _endMs = reader.TryInstant(member, out var end, out _) ? end : null;
                    return true;
                case Member.Logged:
                    _loggedMs = reader.TryInstant(member, out var logged, out _) ? logged : null;
                    return true;
                case Member.Unc:
                    _uncertainty = reader.Milliseconds(member, 0, MaxUncertaintyMs);
                    return true;
                case Member.None:
                    _isNone = reader.Boolean(member) ?? false;
                    return true;
                default:
                    return false;
            }
        }

        /// <summary>The members that say how it was.</summary>
        public bool ReadDetail(Member member, ref MemberReader reader)
        {
            switch (member)
            {
                case Member.Sev:
                    _severity = reader.Number(member, 0, 10);
                    return true;
                case Member.Aura:
                    _aura = reader.Boolean(member);
                    return true;
                case Member.Side:
                    _side = reader.Text(member);
                    return true;
                case Member.Symptoms:
                    _symptoms = reader.Texts(member);
                    return true;
                case Member.Region:
                    _region = (SpasmRegion?)reader.Strict(member, Regions);
                    return true;
                case Member.Context:
                    _context = reader.Texts(member);
                    return true;
                case Member.Count:
                    _count = reader.Integer(member, 0, MaxCount);
                    return true;
                case Member.Penn:
                    _penn = ReadPenn(ref reader);
                    return true;
                case Member.Note:
                    _note = reader.Note(member);
                    return true;
                default:
                    return false;
            }
        }

        readonly bool IsByDay => _isNone || _onset == OnsetCertainty.DayOnly;

        /// <summary>The onset, or noon UTC of what is known by its day only.</summary>
        public readonly Instant At(in CommonMembers common) => IsByDay
            ? _day!.Value.At(LocalTime.Noon).InUtc().ToInstant()
            : Instant.FromUnixTimeMilliseconds(common.TimeMs!.Value);

        /// <summary>The entry; null refuses it.</summary>
        public readonly DiaryEntry? Finish(in CommonMembers common, ref MemberReader reader)
        {
            if (common.Id is null && !_isNone)
                reader.Fail(ReasonCode.Missing, Member.Id);
            if (_type is null && !_isNone)
                reader.Fail(ReasonCode.Missing, Member.Type);
            if (IsByDay)
                CheckDay(ref reader);
            else
                common.RequireTime(ref reader);
            CheckTimes(common, ref reader);
            if (reader.Fault is not null)
                return null;

            return _isNone
                ? new NoAttack
                {
                    Id = common.Id ?? $"none@{_day:uuuu-MM-dd}",
                    Received = reader.Pass.Received,
                    Revision = common.Revision,
                    Note = _note,
                    Day = _day!.Value,
                }
                : Build(common, reader.Pass.Received);
        }

        readonly Episode Build(in CommonMembers common, Instant received) => new()
        {
            Id = common.Id!,
            Received = received,
            Revision = common.Revision,
            Note = _note,
            Type = _type!.Value,
            Start = IsByDay ? null : At(common),
            Day = IsByDay ? _day : null,
            End = _endMs is { } end ? Instant.FromUnixTimeMilliseconds(end) : null,
            Onset = _onset ?? (_uncertainty > Duration.Zero ? OnsetCertainty.Approximate
                : OnsetCertainty.Exact),
            Uncertainty = _uncertainty ?? Duration.Zero,
            Logged = _loggedMs is { } logged ? Instant.FromUnixTimeMilliseconds(logged) : null,
            Severity = _severity,
            Aura = _aura,
            Side = _side,
            Symptoms = _symptoms ?? [],
            Region = _region,
            Context = _context ?? [],
            Count = (int?)_count,
            Penn = _penn,
        };

        /// <summary>A day is as long as all zones have it: from 14 h before UTC's to 12 h after.</summary>
        readonly void CheckDay(ref MemberReader reader)
        {
            if (_day is not { } day)
            {
                reader.Fail(ReasonCode.Missing, Member.Day);
                return;
            }

            var midnight = day.AtMidnight().InUtc().ToInstant();
            var begins = reader.Pass.FaultOf((midnight - Duration.FromHours(14)).ToUnixTimeMilliseconds());
            var ends = reader.Pass.FaultOf((midnight + Duration.FromHours(36)).ToUnixTimeMilliseconds());
            var fault = begins == ReasonCode.TooOld ? ends == ReasonCode.TooOld ? ends : null : begins;
            if (fault is not null)
                reader.Fail(fault, Member.Day);
        }

        /// <summary>
        /// An end and a log entry are facts too: not in the future, and not before the onset.
        /// </summary>
        readonly void CheckTimes(in CommonMembers common, ref MemberReader reader)
        {
            if (_endMs is { } end && reader.Pass.FaultOf(end) is { } endFault)
                reader.Fail(endFault, Member.End);
            if (_loggedMs is { } logged && reader.Pass.FaultOf(logged) is { } fault and not ReasonCode.TooOld)
                reader.Fail(fault, Member.Logged);
            if (!IsByDay && _endMs < common.TimeMs)
                reader.Fail(ReasonCode.Interval, Member.End);
        }

        static PennScale? ReadPenn(ref MemberReader reader)
        {
            if (!reader.Expect(JsonTokenType.StartObject, Member.Penn))
                return null;
            long? frequency = null;
            long? severity = null;
            var outer = reader.BeginNested();
            while (reader.Next(out var member))
                if (member == Member.Frequency)
                    frequency = reader.Integer(member, 0, 4);
                else if (member == Member.Severity)
                    severity = reader.Integer(member, 1, 3);
                else
                    reader.SkipUnknown(member);
            reader.EndNested(outer);

            if (frequency is { } often && severity is { } hard)
                return new PennScale((int)often, (int)hard);
            reader.Fail(ReasonCode.Missing, Member.Penn);
            return null;
        }
    }
}
