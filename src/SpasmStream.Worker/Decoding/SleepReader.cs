using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>Reads <c>sleep</c>: one whole recorded sleep, or an event of one that is going on.</summary>
static class SleepReader
{
    const long DayMs = 86_400_000;
    const int MaxAwakenings = 1_000;

    static readonly string[] StageWords =
        ["awake", "light", "deep", "rem", "asleep", "restless", "out", "unknown"];
    static readonly string[] EventWords = ["start", "stop", "pause", "resume", "stage"];

    public static void Read(ref MemberReader reader)
    {
        var pass = reader.Pass;
        var common = default(CommonMembers);
        var draft = new Draft();
        while (reader.Next(out var member))
            if (!common.Read(member, ref reader) && !draft.Read(member, ref reader))
                reader.SkipUnknown(member);

        if (!common.Holds(ref reader))
            return;
        if (draft.Event is { } what)
        {
            AddEvent(common, (SleepEventKind)what, draft.Stage, ref reader);
            return;
        }

        if (common.DurationMs is null)
            reader.Fail(ReasonCode.Missing, Member.Dur);
        else if (common.DurationMs is <= 0 or > DayMs || !draft.Lies(common.DurationMs.Value))
            reader.Fail(ReasonCode.Interval, Member.Dur);
        if (common.RequireTime(ref reader) is not { } startMs || reader.Fault is not null)
            return;
        var endMs = startMs + common.DurationMs!.Value;
        if (pass.FaultOf(endMs) is ReasonCode.Future or ReasonCode.Timestamp)
        {
            reader.Fail(ReasonCode.Future, Member.Dur);
            return;
        }

        var sleep = draft.Finish(common, pass, startMs, endMs);
        pass.Add(new DecodedEntry(sleep.Id, sleep.Revision, sleep.Start, sleep,
            reader.ObjectBytes));
    }

    static void AddEvent(
        in CommonMembers common, SleepEventKind kind, SleepStage? stage, ref MemberReader reader)
    {
        if (kind == SleepEventKind.Stage && stage is null)
            reader.Fail(ReasonCode.Missing, Member.Stage);
        if (common.RequireTime(ref reader) is not { } ms || reader.Fault is not null)
            return;

        var pass = reader.Pass;
        var told = kind == SleepEventKind.Stage ? stage : null;
        var at = Instant.FromUnixTimeMilliseconds(ms);
        var key = $"event-{ms}-{EventWords[(int)kind]}" + (told is { } s ? $"-{WordOf(s)}" : "");
        pass.Add(new DecodedEntry(key, common.Revision, at, new SleepEvent
        {
            Device = pass.Topic.Device,
            At = at,
            Kind = kind,
            Stage = told,
            Received = pass.Received,
        }, reader.ObjectBytes));
    }

    static string WordOf(SleepStage stage) =>
        stage <= SleepStage.Out ? StageWords[(int)stage] : StageWords[^1];

    static SleepStage ReadStageWord(Member member, ref MemberReader reader)
    {
        var choice = reader.Choice(member, StageWords);
        if (choice < 0)
            reader.Pass.UnknownMembers++;
        return choice is >= 0 and <= (int)SleepStage.Out ? (SleepStage)choice : SleepStage.Unknown;
    }

    /// <summary>The members of a sleep as they come.</summary>
    struct Draft()
    {
        readonly List<StageRun> _stages = [];
        bool? _main;
        Duration? _asleep;
        Duration? _latency;
        Duration? _waso;
        long? _awakenings;
        Interval? _inBed;

        /// <summary>Which event it is; null for a whole sleep.</summary>
        public int? Event { get; private set; }

        /// <summary>The stage an event tells of.</summary>
        public SleepStage? Stage { get; private set; }

        public bool Read(Member member, ref MemberReader reader)
        {
            switch (member)
            {
                case Member.Main:
                    _main = reader.Boolean(member);
                    return true;
                case Member.Asleep:
                    _asleep = reader.Milliseconds(member, 0, DayMs);
                    return true;
                case Member.Latency:
                    _latency = reader.Milliseconds(member, 0, DayMs);
                    return true;
                case Member.Waso:
                    _waso = reader.Milliseconds(member, 0, DayMs);
                    return true;
                case Member.Awakenings:
                    _awakenings = reader.Integer(member, 0, MaxAwakenings);
                    return true;
                case Member.InBed:
                    _inBed = ReadInBed(ref reader);
                    return true;
                case Member.Stages:
                    ReadStages(ref reader);
                    return true;
                case Member.Event:
                    Event = reader.Strict(member, EventWords);
                    return true;
                case Member.Stage:
                    Stage = reader.Token == JsonTokenType.Null ? null : ReadStageWord(member, ref reader);
                    return true;
                default:
                    return false;
            }
        }

        /// <summary>Puts the stages in order; whether they lie within the sleep and do not overlap.</summary>
        public readonly bool Lies(long durationMs)
        {
            _stages.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
            var free = Duration.Zero;
            foreach (var run in _stages)
            {
                if (run.Offset < free || run.Length < Duration.Zero)
                    return false;
                free = run.Offset + run.Length;
            }

            return free <= Duration.FromMilliseconds(durationMs);
        }

        public readonly SleepEpisode Finish(in CommonMembers common, DecodePass pass, long startMs,
            long endMs) => new()
        {
            Device = pass.Topic.Device,
            Id = common.Id ?? $"t{startMs}",
            Start = Instant.FromUnixTimeMilliseconds(startMs),
            End = Instant.FromUnixTimeMilliseconds(endMs),
            Received = pass.Received,
            Revision = common.Revision,
            Main = _main,
            Zone = common.Zone,
            Asleep = _asleep,
            Latency = _latency,
            Waso = _waso,
            Awakenings = (int?)_awakenings,
            InBedStart = _inBed?.Start,
            InBedEnd = _inBed?.End,
            Stages = _stages,
        };

        readonly void ReadStages(ref MemberReader reader)
        {
            if (!reader.Expect(JsonTokenType.StartArray, Member.Stages))
                return;
            while (reader.Read() && reader.Token != JsonTokenType.EndArray && reader.Pass.Fatal is null)
            {
                if (reader.Token != JsonTokenType.StartArray)
                {
                    reader.RefuseNull(Member.Stages);
                    reader.Expect(JsonTokenType.StartArray, Member.Stages);
                    continue;
                }

                if (!reader.Pass.CountItem())
                    return;
                ReadStage(ref reader);
            }
        }

        /// <summary>One <c>["light",0,1500000]</c>; whatever else it is refuses the sleep.</summary>
        readonly void ReadStage(ref MemberReader reader)
        {
            var stage = SleepStage.Unknown;
            Span<long> times = [-1, -1];
            var position = 0;
            for (; reader.Read() && reader.Token != JsonTokenType.EndArray; position++)
            {
                reader.RefuseNull(Member.Stages);
                if (position == 0)
                    stage = ReadStageWord(Member.Stages, ref reader);
                else if (position <= 2)
                    times[position - 1] = reader.Integer(Member.Stages, -WireTime.Latest,
                        WireTime.Latest) ?? -1;
                else
                    reader.SkipUnknown(Member.Unknown);
            }

            if (position != 3)
                reader.Fail(ReasonCode.Type, Member.Stages);
            var (offset, length) = (Duration.FromMilliseconds(times[0]), Duration.FromMilliseconds(times[1]));
            _stages.Add(new StageRun(stage, offset, length));
        }

        static Interval? ReadInBed(ref MemberReader reader)
        {
            if (!reader.Expect(JsonTokenType.StartObject, Member.InBed))
                return null;
            long? startMs = null;
            long? durationMs = null;
            var outer = reader.BeginNested();
            while (reader.Next(out var member))
                if (member == Member.T)
                    startMs = reader.TryInstant(member, out var ms, out _) ? ms : null;
                else if (member == Member.Dur)
                    durationMs = reader.Integer(member, -WireTime.Latest, WireTime.Latest);
                else
                    reader.SkipUnknown(member);
            reader.EndNested(outer);

            if (startMs is null || durationMs is null)
                reader.Fail(ReasonCode.Missing, Member.InBed);
            else if (startMs is < WireTime.Earliest or >= WireTime.Latest)
                reader.Fail(ReasonCode.Timestamp, Member.InBed);
            else if (durationMs is <= 0 or > DayMs)
                reader.Fail(ReasonCode.Interval, Member.InBed);
            else
                return new Interval(
                    Instant.FromUnixTimeMilliseconds(startMs.Value),
                    Instant.FromUnixTimeMilliseconds(startMs.Value + durationMs.Value));
            return null;
        }
    }
}
